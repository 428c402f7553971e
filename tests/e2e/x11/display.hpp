// A virtual X11 display (Xvfb) of a test's own, and a program that draws on it.
#pragma once

#include <sys/types.h>
#include <xcb/xcb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

// A free display number is chosen by Xvfb itself. The process ends with this object, and with the test.
class TestDisplay {
  public:
    explicit TestDisplay(const std::string& screen = "640x480x24");
    ~TestDisplay();
    TestDisplay(const TestDisplay&) = delete;
    TestDisplay& operator=(const TestDisplay&) = delete;

    const std::string& name() const { return name_; }  // ":97"
    void kill();

  private:
    pid_t pid_ = -1;
    std::string name_;
};

// A client of the display. Every function returns when the display has done it.
class Painter {
  public:
    explicit Painter(const TestDisplay& display);
    ~Painter();
    Painter(const Painter&) = delete;
    Painter& operator=(const Painter&) = delete;

    xcb_connection_t* get() const { return connection_; }
    const xcb_screen_t& screen() const { return *screen_; }
    xcb_window_t root() const { return screen_->root; }

    xcb_window_t open_window(const ScreenRect& place, std::uint32_t colour, const std::string& title = "");
    void fill(xcb_window_t window, const ScreenRect& rect, std::uint32_t colour);
    void scroll_up(xcb_window_t window, const ScreenRect& rect, int by);
    void move(xcb_window_t window, const ScreenRect& place);
    void move_pointer(int x, int y);                             // as a hand does
    void set_cursor(xcb_window_t window, int hot_x, int hot_y);  // a black and white one of 16x16
    bool resize_screen(int width, int height);
    void set_monitor(const std::string& name, const ScreenRect& place);
    void unplug_monitor(const std::string& name);
    std::vector<std::uint32_t> look(xcb_window_t window, const ScreenRect& rect);  // 0x00rrggbb, row by row
    xcb_atom_t atom(const std::string& name);
    void finish();

  private:
    xcb_connection_t* connection_;
    const xcb_screen_t* screen_;
    xcb_gcontext_t context_;
};

}  // namespace connectsphere::client
