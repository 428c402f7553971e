// X11Area: which part of which window is shared, and where it lies now. A monitor is known by its name, so
// that another one may be plugged in before it in the list.
#pragma once

#include <string>

#include "lib/client/x11_connection.hpp"
#include "lib/client/x11_options.hpp"

namespace connectsphere::client {

class X11Area {
  public:
    // Fails where there is no such thing, or with pixels that ScreenPixels can not show.
    static Result<X11Area> find(const X11Connection& connection, const X11Target& what);

    // Looks again, after the display said that something has changed there. False: it is no more.
    bool locate(const X11Connection& connection);
    bool is_viewable(const X11Connection& connection) const;  // false while the window is minimised

    xcb_window_t window() const { return window_; }   // the root, unless a window is shared
    const ScreenRect& part() const { return part_; }  // of window()
    bool is_window(const X11Connection& connection) const { return window_ != connection.root(); }

  private:
    X11Area() = default;

    X11Target what_;
    xcb_window_t window_ = XCB_NONE;
    std::string monitor_;
    ScreenRect part_;
};

}  // namespace connectsphere::client
