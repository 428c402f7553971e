// What is to be shared, by the words with which people say it: on a command line, in a call, behind a button.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "lib/client/x11_options.hpp"

namespace connectsphere::client {

struct ShareTarget {
    X11ScreenOptions screen{};
    std::string input{};  // instead, where it is not empty: what open_screen_input() takes
};

// "screen" or nothing, ":1" (a display), "monitor:N", "window:ID", "region:WxH+X+Y", else an input.
Result<ShareTarget> parse_share_target(std::string_view text);

}  // namespace connectsphere::client
