// X11Connection: a connection to an X11 display with the extensions that capturing needs, all asked for their
// versions, without which a server refuses their requests.
#pragma once

#include <xcb/xcb.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "lib/base/result.hpp"

namespace connectsphere::client {

// What libxcb gives out is freed by its receiver. A reply that is missing means an error of the request, or
// that the display is gone: X11Connection::check() tells which.
struct XcbFree {
    void operator()(void* pointer) const { std::free(pointer); }
};
template <class T>
using Xcb = std::unique_ptr<T, XcbFree>;

class X11Connection {
  public:
    struct Extensions {
        std::uint8_t damage_event = 0;  // codes of an extension's events begin here
        std::uint8_t fixes_event = 0;
        std::uint8_t randr_event = 0;
        std::uint8_t input_opcode = 0;  // 0: no XInput 2, so that moving the pointer wakes nobody
        bool has_monitors = false;      // RandR 1.5
        bool has_composite = false;
        bool has_shared_memory = false;  // MIT-SHM 1.2, and the display is on this machine
    };

    // An empty `display` is that of the environment.
    static Result<X11Connection> open(const std::string& display);

    xcb_connection_t* get() const { return connection_.get(); }
    const xcb_screen_t& screen() const { return *screen_; }
    xcb_window_t root() const { return screen_->root; }
    const Extensions& extensions() const { return extensions_; }

    Result<void> check() const;                      // is the display still there?
    xcb_atom_t atom(const std::string& name) const;  // XCB_NONE: nobody has used that name yet

  private:
    struct Disconnect {
        void operator()(xcb_connection_t* connection) const { xcb_disconnect(connection); }
    };

    X11Connection() = default;
    Result<void> find_needed();
    void find_useful();

    std::unique_ptr<xcb_connection_t, Disconnect> connection_;
    const xcb_screen_t* screen_ = nullptr;  // of connection_
    std::string display_;
    Extensions extensions_;
};

}  // namespace connectsphere::client
