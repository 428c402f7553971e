// Generated screens: pages of text and pictures that change in the ways that screens do (screen_input.hpp).
#pragma once

#include <memory>
#include <string>

#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

struct ScreenPlan {
    std::string kind;
    int width = 1920;
    int height = 1080;
    double rate = 0;          // 0: the kind's own
    std::uint64_t steps = 0;  // 0: without end
};

Result<ScreenPlan> parse_screen_plan(const std::string& text);  // "KIND[:WxH][@RATE][*STEPS]"
Result<std::unique_ptr<ScreenSource>> make_screen(const ScreenPlan& plan);

}  // namespace connectsphere::client
