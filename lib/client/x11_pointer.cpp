#include "lib/client/x11_pointer.hpp"

#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include <utility>

namespace connectsphere::client {

X11Pointer::X11Pointer(const X11Connection& connection) : connection_(connection) {
    auto* c = connection.get();
    xcb_xfixes_select_cursor_input(c, connection.root(), XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
    if (connection.extensions().input_opcode == 0) return;
    const struct {
        xcb_input_event_mask_t head;
        std::uint32_t mask;
    } raw_motion{.head = {.deviceid = XCB_INPUT_DEVICE_ALL_MASTER, .mask_len = 1},
                 .mask = XCB_INPUT_XI_EVENT_MASK_RAW_MOTION};
    xcb_input_xi_select_events(c, connection.root(), 1, &raw_motion.head);
}

void X11Pointer::ask(const X11Area& area, bool shape) {
    place_asked_ = xcb_query_pointer(connection_.get(), area.window());
    shape_asked_ = shape ? xcb_xfixes_get_cursor_image(connection_.get()).sequence : 0;
}

bool X11Pointer::take(const X11Area& area) {
    const auto& part = area.part();
    const bool new_shape = shape_asked_ != 0 && take_shape();
    const Xcb<xcb_query_pointer_reply_t> place(
        xcb_query_pointer_reply(connection_.get(), place_asked_, nullptr));
    const bool was_visible = cursor_.visible;
    const int old_x = cursor_.x;
    const int old_y = cursor_.y;
    if (place && place->same_screen) {
        cursor_.x = place->win_x - part.x;
        cursor_.y = place->win_y - part.y;
    }
    cursor_.visible = place && place->same_screen && !cursor_.argb.empty() && cursor_.x >= 0 &&
                      cursor_.y >= 0 && cursor_.x < part.width && cursor_.y < part.height;
    return new_shape || cursor_.visible != was_visible || cursor_.x != old_x || cursor_.y != old_y;
}

bool X11Pointer::take_shape() {
    const xcb_xfixes_get_cursor_image_cookie_t asked{std::exchange(shape_asked_, 0)};
    const Xcb<xcb_xfixes_get_cursor_image_reply_t> reply(
        xcb_xfixes_get_cursor_image_reply(connection_.get(), asked, nullptr));
    if (!reply) return false;
    const auto* pixels = xcb_xfixes_get_cursor_image_cursor_image(reply.get());
    const auto count = static_cast<std::size_t>(xcb_xfixes_get_cursor_image_cursor_image_length(reply.get()));
    const bool changed = cursor_.shape != reply->cursor_serial || cursor_.argb.size() != count;
    cursor_.shape = reply->cursor_serial;
    cursor_.hot_x = reply->xhot;
    cursor_.hot_y = reply->yhot;
    cursor_.width = reply->width;
    cursor_.height = reply->height;
    cursor_.argb.assign(pixels, pixels + count);
    return changed;
}

}  // namespace connectsphere::client
