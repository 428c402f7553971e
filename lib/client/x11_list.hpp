// What there is to share on an X11 display: its monitors and windows, for a person to choose from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

class X11Connection;

struct X11Monitor {
    std::string name;  // "HDMI-1"
    ScreenRect area;   // of the whole display
    bool is_primary = false;
};

struct X11Window {
    std::uint32_t id = 0;
    std::string title;  // UTF-8 as the program wrote it: clean it before it reaches a terminal
    int width = 0;
    int height = 0;
};

// An empty `display` is that of the environment.
Result<std::vector<X11Monitor>> list_x11_monitors(const std::string& display);
Result<std::vector<X11Window>> list_x11_windows(const std::string& display);  // those that can be seen

std::vector<X11Monitor> monitors_of(
    const X11Connection& connection);  // never empty while the display is there

}  // namespace connectsphere::client
