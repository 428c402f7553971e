#include "lib/client/x11_list.hpp"
#include "tests/e2e/x11/viewer.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("a window is shared whole, whatever is above it") {
    const bool shared_memory = GENERATE(true, false);
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window({50, 50, 100, 80}, kRed);
    painter.open_window({60, 60, 50, 50}, kGreen);
    Viewer viewer(display, X11WindowId{window}, shared_memory);
    const ScreenRect size{0, 0, 100, 80};
    CHECK(viewer.size() == size);
    CHECK(viewer.until([&] { return viewer.seen() == Pixels(100 * 80, kRed); }));

    SECTION("what it draws below another one is seen") {
        painter.fill(window, {10, 10, 5, 5}, kBlue);
        CHECK(viewer.until([&] { return viewer.at(12, 12) == kBlue; }));
        CHECK(viewer.at(15, 15) == kRed);
    }
    SECTION("moved, even out of the screen, it is the same; the pointer follows") {
        painter.move_pointer(100, 100);
        viewer.settle();
        painter.move(window, {-50, 30, 100, 80});
        painter.fill(window, {0, 0, 5, 5}, kBlue);
        CHECK(viewer.until([&] { return viewer.at(2, 2) == kBlue; }));
        CHECK(viewer.at(90, 70) == kRed);
        CHECK(viewer.until([&] { return viewer.cursor().x == 150 && viewer.cursor().y == 70; }));
        CHECK_FALSE(viewer.cursor().visible);
    }
    SECTION("it grows and shrinks") {
        painter.move(window, {50, 50, 300, 200});
        CHECK(viewer.until([&] { return viewer.size() == ScreenRect{0, 0, 300, 200}; }));
        painter.fill(window, {250, 150, 10, 10}, kBlue);
        CHECK(viewer.until_same(painter, window, {0, 0, 300, 200}));
        painter.move(window, {50, 50, 20, 10});
        CHECK(viewer.until([&] { return viewer.size() == ScreenRect{0, 0, 20, 10}; }));
        CHECK(viewer.until_same(painter, window, {0, 0, 20, 10}));
    }
    SECTION("minimised it keeps its picture, and comes back") {
        xcb_unmap_window(painter.get(), window);
        painter.finish();
        viewer.settle();
        CHECK(viewer.seen() == Pixels(100 * 80, kRed));
        xcb_map_window(painter.get(), window);
        painter.fill(window, {0, 0, 5, 5}, kBlue);
        CHECK(viewer.until([&] { return viewer.at(2, 2) == kBlue; }));
    }
    SECTION("closed it ends") {
        xcb_destroy_window(painter.get(), window);
        painter.finish();
        CHECK(viewer.until_ended());
        CHECK(viewer.look().ended);
    }
}

TEST_CASE("a window that nobody sees yet is black, until it is shown") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window({50, 50, 40, 30}, kRed);
    xcb_unmap_window(painter.get(), window);
    painter.finish();
    Viewer viewer(display, X11WindowId{window});
    CHECK(viewer.seen() == Pixels(40 * 30, 0));
    viewer.settle();
    xcb_map_window(painter.get(), window);
    painter.finish();
    CHECK(viewer.until([&] { return viewer.seen() == Pixels(40 * 30, kRed); }));
}

TEST_CASE("windows are listed with their titles, in UTF-8") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window({0, 0, 120, 90}, kRed, "caf\xe9");
    const auto hidden = painter.open_window({0, 0, 10, 10}, kRed, "hidden");
    xcb_unmap_window(painter.get(), hidden);
    painter.finish();
    const auto windows = list_x11_windows(display.name());
    REQUIRE(windows);
    REQUIRE(windows->size() == 1);
    CHECK(windows->front().id == window);
    CHECK(windows->front().title == "caf\xc3\xa9");
    CHECK(windows->front().width == 120);
    CHECK(windows->front().height == 90);
}

}  // namespace
}  // namespace connectsphere::client
