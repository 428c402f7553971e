#include "lib/client/x11_options.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::client {
namespace {

TEST_CASE("a region is its size and its left upper corner") {
    const auto region = parse_x11_region("640x480+10+20");
    REQUIRE(region);
    CHECK(*region == ScreenRect{10, 20, 640, 480});
    CHECK(parse_x11_region("1x1+0+0"));
    CHECK(parse_x11_region("32767x32767+32767+32767"));
}

TEST_CASE("what is not quite a region is none") {
    for (const char* text :
         {"", "640x480", "640x480+1", "640x480+1+", "x480+1+1", "640x+1+1", "640+480+1+1", "640x480-1+1",
          "640x480+1+1 ", " 640x480+1+1", "640x480+1+1+1", "0x480+0+0", "640x0+0+0", "32768x1+0+0",
          "1x1+32768+0", "-1x1+0+0", "1x1+0x1+0", "99999999999999999999x1+0+0", "1X1+0+0"}) {
        INFO(text);
        const auto region = parse_x11_region(text);
        REQUIRE_FALSE(region);
        CHECK(region.error().code == Errc::usage);
        CHECK(region.error().what.ends_with(text));
    }
}

TEST_CASE("a window is a number, hexadecimal or decimal") {
    const auto hexadecimal = parse_x11_window("0x1c00007");
    const auto decimal = parse_x11_window("29360135");
    REQUIRE(hexadecimal);
    REQUIRE(decimal);
    CHECK(hexadecimal->id == 0x1c00007);
    CHECK(decimal->id == 0x1c00007);
    CHECK(x11_window_text(0x1c00007) == "0x1c00007");
    CHECK(x11_window_text(0xffff'ffff) == "0xffffffff");
    CHECK(parse_x11_window("0XFFFFFFFF")->id == 0xffff'ffff);
    for (const char* text :
         {"", "0", "0x", "0x0", "-1", "1c00007", "0x1c00007 ", "0x100000000", "4294967296", "12x"}) {
        INFO(text);
        const auto window = parse_x11_window(text);
        REQUIRE_FALSE(window);
        CHECK(window.error().code == Errc::usage);
    }
}

TEST_CASE("a monitor is a number from 0") {
    CHECK(parse_x11_monitor("0")->index == 0);
    CHECK(parse_x11_monitor("12")->index == 12);
    for (const char* text : {"", "-1", "1 ", "HDMI-1", "99999999999"}) {
        INFO(text);
        const auto monitor = parse_x11_monitor(text);
        REQUIRE_FALSE(monitor);
        CHECK(monitor.error().code == Errc::usage);
    }
}

TEST_CASE("the display named counts before that of the environment") {
    CHECK(*choose_x11_display(":5", ":0", "wayland-0") == ":5");
    CHECK(*choose_x11_display("", ":0", "wayland-0") == ":0");
}

TEST_CASE("without a display it is said what to do") {
    const auto wayland = choose_x11_display("", "", "wayland-0");
    REQUIRE_FALSE(wayland);
    CHECK(wayland.error().code == Errc::unsupported);
    CHECK(wayland.error().what.find("Wayland") != std::string::npos);
    CHECK(wayland.error().what.find("log in to an X11 (Xorg) session") != std::string::npos);
    const auto nothing = choose_x11_display("", "", "");
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == Errc::usage);
    CHECK(nothing.error().what.find("DISPLAY") != std::string::npos);
}

}  // namespace
}  // namespace connectsphere::client
