// X11Pointer: the shape and place of a display's pointer, which X11 keeps apart from the pixels too.
#pragma once

#include "lib/client/screen_source.hpp"
#include "lib/client/x11_area.hpp"

namespace connectsphere::client {

class X11Pointer {
  public:
    // From now on the display tells when the shape changes and, with XInput 2, when a hand moves the pointer.
    // A program that puts the pointer elsewhere is not told of; the next question finds it.
    explicit X11Pointer(const X11Connection& connection);

    // In two halves, so that the answer comes together with those of other requests.
    void ask(const X11Area& area, bool shape);
    bool take(const X11Area& area);  // has something changed?

    const ScreenCursor& cursor() const { return cursor_; }

  private:
    bool take_shape();

    const X11Connection& connection_;
    ScreenCursor cursor_;
    xcb_query_pointer_cookie_t place_asked_{};
    unsigned shape_asked_ = 0;  // the request's number; 0: not asked
};

}  // namespace connectsphere::client
