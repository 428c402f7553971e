// Painter: draws on an X11 display what people share: typed text, and a moving picture.
#pragma once

#include <xcb/xcb.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace connectsphere::bench {

class Painter {
  public:
    explicit Painter(const std::string& display);  // covers all of it with a white window

    void type_glyph();    // the next one of a line in an 8x13 font, black on white
    void show_picture();  // the next of a moving picture of 640x360

  private:
    struct Disconnect {
        void operator()(xcb_connection_t* connection) const { xcb_disconnect(connection); }
    };

    void wait();  // until the display has drawn everything

    std::unique_ptr<xcb_connection_t, Disconnect> connection_;
    xcb_window_t window_ = XCB_NONE;
    xcb_gcontext_t context_ = XCB_NONE;
    int width_ = 0;
    int glyphs_ = 0;
    std::size_t pictures_ = 0;
    std::vector<std::vector<std::uint8_t>> film_;  // made beforehand
};

}  // namespace connectsphere::bench
