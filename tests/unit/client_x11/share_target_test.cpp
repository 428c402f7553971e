#include "lib/client/share_target.hpp"

#include <catch2/catch.hpp>
#include <string_view>

#include "lib/base/overloaded.hpp"

namespace connectsphere::client {
namespace {

// In words of its own, so that a row says all that was understood.
std::string said(const ShareTarget& target) {
    if (!target.input.empty()) return "input " + target.input;
    const auto what = std::visit(
        Overloaded{[](X11WholeDisplay) -> std::string { return "all"; },
                   [](X11MonitorIndex monitor) { return "monitor " + std::to_string(monitor.index); },
                   [](X11WindowId window) { return "window " + x11_window_text(window.id); },
                   [](const ScreenRect& r) {
                       return "region " + std::to_string(r.width) + " by " + std::to_string(r.height) +
                              " at " + std::to_string(r.x) + ", " + std::to_string(r.y);
                   }},
        target.screen.what);
    return target.screen.display.empty() ? what : what + " of " + target.screen.display;
}

TEST_CASE("what is to be shared is understood") {
    struct Row {
        std::string_view text, meaning;
    };
    for (const auto& row : {
             Row{"", "all"},
             Row{"screen", "all"},
             Row{":0", "all of :0"},
             Row{":1.2", "all of :1.2"},
             Row{"monitor:0", "monitor 0"},
             Row{"monitor:12", "monitor 12"},
             Row{"window:0x1c00007", "window 0x1c00007"},
             Row{"window:29360135", "window 0x1c00007"},
             Row{"region:640x480+10+20", "region 640 by 480 at 10, 20"},
             // Whatever begins with no such word is a file, a folder or a generator.
             Row{"slides", "input slides"},
             Row{"screen.png", "input screen.png"},
             Row{"Screen", "input Screen"},
             Row{"./:0", "input ./:0"},
             Row{" window:7", "input  window:7"},
             Row{"windows:7", "input windows:7"},
             Row{"generator:typing:640x400@20", "input generator:typing:640x400@20"},
         }) {
        INFO(row.text);
        const auto target = parse_share_target(row.text);
        REQUIRE(target);
        CHECK(said(*target) == row.meaning);
    }
}

TEST_CASE("a part of the screen that is none is told with what it should be") {
    struct Row {
        std::string_view text, error;
    };
    for (const auto& row : {
             Row{"monitor:", "a monitor is a number from 0; not: "},
             Row{"monitor:HDMI-1", "a monitor is a number from 0; not: HDMI-1"},
             Row{"window:", "a window is a number, as 0x1c00007; not: "},
             Row{"window:0", "a window is a number, as 0x1c00007; not: 0"},
             Row{"window:xterm", "a window is a number, as 0x1c00007; not: xterm"},
             Row{"region:640x480", "a region is WIDTHxHEIGHT+X+Y in pixels, as 1280x720+0+0; not: 640x480"},
             Row{"region:", "a region is WIDTHxHEIGHT+X+Y in pixels, as 1280x720+0+0; not: "},
         }) {
        INFO(row.text);
        const auto target = parse_share_target(row.text);
        REQUIRE_FALSE(target);
        CHECK(target.error().code == Errc::usage);
        CHECK(target.error().what == row.error);
    }
}

}  // namespace
}  // namespace connectsphere::client
