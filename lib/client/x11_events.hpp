// X11Events: what a display has to tell about a shared window, and a descriptor that is readable while it has
// something to tell.
#pragma once

#include "lib/client/x11_connection.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::client {

struct X11News {
    bool damaged = false;   // pixels have changed
    bool exposed = false;   // the window can be seen again
    bool reshaped = false;  // the window, screen or monitors have another place or size
    bool pointed = false;   // the pointer has moved
    bool cursor_changed = false;
    bool closed = false;

    bool any() const { return damaged || exposed || reshaped || pointed || cursor_changed || closed; }
};

class X11Events {
  public:
    // Its descriptor is -1 if the system has none left: then the caller asks at a rate of its own.
    X11Events(const X11Connection& connection, xcb_window_t window);

    int fd() const { return epoll_.get(); }
    X11News take();  // all that has happened since the last call

    // Last thing before waiting for fd(). libxcb reads events from the socket while it waits for replies;
    // those would not be seen on the socket again.
    void settle();
    void wake();  // makes fd() readable

  private:
    void note(const xcb_generic_event_t& event);

    const X11Connection& connection_;
    xcb_window_t window_;
    net::Fd epoll_;
    net::Fd waker_;  // an eventfd, readable while pending_ holds something
    X11News pending_;
};

}  // namespace connectsphere::client
