#include "lib/client/x11_events.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include <utility>

namespace connectsphere::client {

X11Events::X11Events(const X11Connection& connection, xcb_window_t window)
    : connection_(connection),
      window_(window),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      waker_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    auto* c = connection.get();
    const std::uint32_t wanted = XCB_EVENT_MASK_STRUCTURE_NOTIFY | XCB_EVENT_MASK_VISIBILITY_CHANGE;
    xcb_change_window_attributes(c, window, XCB_CW_EVENT_MASK, &wanted);
    xcb_randr_select_input(c, connection.root(),
                           XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE | XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE);
    for (const int fd : {xcb_get_file_descriptor(c), waker_.get()}) {
        epoll_event readable{.events = EPOLLIN, .data = {}};
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &readable) != 0) epoll_.reset();
    }
}

X11News X11Events::take() {
    std::uint64_t ignored = 0;
    (void)!::read(waker_.get(), &ignored, sizeof(ignored));
    while (const Xcb<xcb_generic_event_t> event{xcb_poll_for_event(connection_.get())}) note(*event);
    return std::exchange(pending_, {});
}

void X11Events::settle() {
    while (const Xcb<xcb_generic_event_t> event{xcb_poll_for_queued_event(connection_.get())}) note(*event);
    if (pending_.any()) wake();
}

void X11Events::wake() {
    const std::uint64_t one = 1;
    (void)!::write(waker_.get(), &one, sizeof(one));
}

void X11Events::note(const xcb_generic_event_t& event) {
    const auto& codes = connection_.extensions();
    const int type = event.response_type & 0x7f;  // without the mark of what a client has sent
    const void* raw = &event;
    if (type == XCB_DESTROY_NOTIFY) {
        pending_.closed =
            pending_.closed || static_cast<const xcb_destroy_notify_event_t*>(raw)->window == window_;
    } else if (type == XCB_MAP_NOTIFY || type == XCB_VISIBILITY_NOTIFY) {
        pending_.exposed = true;
    } else if (type == XCB_CONFIGURE_NOTIFY || type == codes.randr_event + XCB_RANDR_SCREEN_CHANGE_NOTIFY ||
               type == codes.randr_event + XCB_RANDR_NOTIFY) {
        pending_.reshaped = true;
    } else if (type == codes.damage_event + XCB_DAMAGE_NOTIFY) {
        pending_.damaged = true;
    } else if (type == codes.fixes_event + XCB_XFIXES_CURSOR_NOTIFY) {
        pending_.cursor_changed = true;
    } else if (type == XCB_GE_GENERIC) {
        pending_.pointed = true;  // raw motion is the only one of its kind that was asked for
    }
}

}  // namespace connectsphere::client
