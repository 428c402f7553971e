// What of an X11 display is shared, and the texts by which people say it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/result.hpp"
#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

struct X11WholeDisplay {};
struct X11MonitorIndex {
    int index = 0;  // in list_x11_monitors()
};
struct X11WindowId {
    std::uint32_t id = 0;
};
// A ScreenRect is a region of the whole display; what lies outside of the display is cut off.
using X11Target = std::variant<X11WholeDisplay, X11MonitorIndex, X11WindowId, ScreenRect>;

struct X11ScreenOptions {
    std::string display;  // ":0"; empty: that of the environment
    X11Target what;
    bool shared_memory = true;  // false: pixels come through the socket, as from a display far away
};

Result<ScreenRect> parse_x11_region(std::string_view text);  // "WxH+X+Y", in pixels
Result<X11WindowId> parse_x11_window(
    std::string_view text);  // "0x1c00007" or "29360135", as xwininfo says it

std::string x11_window_text(std::uint32_t id);
Result<X11MonitorIndex> parse_x11_monitor(std::string_view text);  // "0"

// The display to open. `x11` and `wayland` are the environment's DISPLAY and WAYLAND_DISPLAY, empty if not
// set.
Result<std::string> choose_x11_display(std::string_view wanted, std::string_view x11,
                                       std::string_view wayland);

}  // namespace connectsphere::client
