#include "lib/client/x11_list.hpp"
#include "tests/e2e/x11/viewer.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("the screen takes another resolution") {
    TestDisplay display;
    Painter painter(display);
    painter.open_window({0, 0, 700, 500}, kRed);
    Viewer viewer(display, X11WholeDisplay{});
    Viewer region(display, ScreenRect{300, 200, 100, 100});
    REQUIRE(painter.resize_screen(320, 240));
    CHECK(viewer.until([&] { return viewer.size() == ScreenRect{0, 0, 320, 240}; }));
    CHECK(viewer.until_same(painter, painter.root(), {0, 0, 320, 240}));
    CHECK(region.until([&] { return region.size() == ScreenRect{0, 0, 20, 40}; }));
    REQUIRE(painter.resize_screen(640, 480));
    CHECK(viewer.until([&] { return viewer.size() == kScreen; }));
    CHECK(viewer.until_same(painter, painter.root(), kScreen));
    CHECK(region.until([&] { return region.size() == ScreenRect{0, 0, 100, 100}; }));
}

TEST_CASE("a monitor is shared by its number") {
    TestDisplay display;
    Painter painter(display);
    const auto monitors = list_x11_monitors(display.name());
    REQUIRE(monitors);
    REQUIRE(monitors->size() == 1);
    CHECK_FALSE(monitors->front().name.empty());
    CHECK(monitors->front().area == kScreen);
    painter.open_window({0, 0, 10, 10}, kBlue);
    Viewer viewer(display, X11MonitorIndex{0});
    CHECK(viewer.until_same(painter, painter.root(), kScreen));
    for (const int index : {1, -1}) {
        const auto other = open_x11_screen({.display = display.name(), .what = X11MonitorIndex{index}});
        REQUIRE_FALSE(other);
        CHECK(other.error().code == Errc::not_found);
    }
}

TEST_CASE("a monitor is followed where it goes, until it is unplugged") {
    TestDisplay display;
    Painter painter(display);
    painter.open_window({0, 0, 320, 480}, kRed);
    painter.open_window({320, 0, 320, 480}, kBlue);
    painter.set_monitor("right", {320, 0, 320, 480});
    const auto monitors = list_x11_monitors(display.name());
    REQUIRE(monitors);
    REQUIRE(monitors->size() == 1);
    CHECK(monitors->front().name == "right");
    CHECK(monitors->front().area == ScreenRect{320, 0, 320, 480});
    Viewer viewer(display, X11MonitorIndex{0});
    CHECK(viewer.seen() == Pixels(320 * 480, kBlue));
    painter.set_monitor("right", {300, 0, 320, 240});
    CHECK(viewer.until([&] { return viewer.size() == ScreenRect{0, 0, 320, 240}; }));
    CHECK(viewer.until_same(painter, painter.root(), {300, 0, 320, 240}));
    CHECK(viewer.at(0, 0) == kRed);
    painter.unplug_monitor("right");  // another takes its number
    CHECK(list_x11_monitors(display.name())->size() == 1);
    CHECK(viewer.until_ended());
}

}  // namespace
}  // namespace connectsphere::client
