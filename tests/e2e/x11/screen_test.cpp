#include "lib/client/x11_screen.hpp"

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "tests/e2e/x11/viewer.hpp"

namespace connectsphere::client {
namespace {

bool shares_memory() {
    std::ifstream maps("/proc/self/maps");
    return std::string(std::istreambuf_iterator<char>(maps), {}).find("memfd:connectsphere-screen") !=
           std::string::npos;
}

// Variables that are set for as long as this lives.
class Environment {
  public:
    Environment(std::initializer_list<std::pair<const char*, std::string>> variables) {
        for (const auto& [name, value] : variables) {
            const char* old = std::getenv(name);
            old_.emplace_back(name, old ? std::optional<std::string>(old) : std::nullopt);
            setenv(name, value.c_str(), 1);
        }
    }
    ~Environment() {
        for (const auto& [name, value] : old_) value ? setenv(name, value->c_str(), 1) : unsetenv(name);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

  private:
    std::vector<std::pair<const char*, std::optional<std::string>>> old_;
};

TEST_CASE("a display is seen as it is, with shared memory and without") {
    const bool shared_memory = GENERATE(true, false);
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window({100, 50, 200, 100}, kRed);
    Viewer viewer(display, X11WholeDisplay{}, shared_memory);
    CHECK(shares_memory() == shared_memory);
    CHECK(viewer.size() == kScreen);
    CHECK(viewer.at(100, 50) == kRed);
    CHECK(viewer.at(99, 50) == 0);
    CHECK(viewer.seen() == painter.look(painter.root(), kScreen));

    std::mt19937 random(7);
    const auto below = [&random](int limit) {
        return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    for (int i = 0; i < 200; ++i) {
        painter.fill(window, {below(200), below(100), 1 + below(60), 1 + below(20)}, random() & 0xffffff);
        if (i % 10 == 0) painter.scroll_up(window, {0, 0, 200, 100}, 13);
        if (i % 10 == 5) painter.move(window, {below(600), below(400), 200, 100});
        if (i % 3 == 0) viewer.look();
    }
    CHECK(viewer.until_same(painter, painter.root(), kScreen));
}

TEST_CASE("only what was drawn is told") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window(kScreen, 0);
    Viewer viewer(display, X11WholeDisplay{});
    viewer.settle();
    painter.fill(window, {10, 20, 8, 16}, kGreen);
    REQUIRE(viewer.is_told(kPatienceMs));
    const auto change = viewer.look();
    CHECK(change.damage == std::vector<ScreenRect>{{10, 20, 8, 16}});
    CHECK_FALSE(change.cursor_moved);
}

TEST_CASE("a still screen wakes nobody") {
    TestDisplay display;
    Painter painter(display);
    painter.open_window({0, 0, 20, 20}, kGreen);
    Viewer viewer(display, X11WholeDisplay{});
    viewer.settle();
    CHECK_FALSE(viewer.is_told(100));
    const auto change = viewer.look();
    CHECK(change.damage.empty());
    CHECK_FALSE(change.cursor_moved);
    CHECK_FALSE(viewer.is_told(0));
}

TEST_CASE("a region is what lies in it, and its surroundings wake nobody for long") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window(kScreen, 0);
    constexpr ScreenRect kRegion{100, 100, 64, 48};
    Viewer viewer(display, kRegion);
    CHECK(viewer.size() == ScreenRect{0, 0, 64, 48});
    painter.fill(window, {90, 90, 20, 20}, kBlue);
    CHECK(viewer.until_same(painter, painter.root(), kRegion));
    CHECK(viewer.at(9, 9) == kBlue);
    CHECK(viewer.at(10, 10) == 0);
    viewer.settle();
    painter.fill(window, {300, 300, 20, 20}, kBlue);
    REQUIRE(viewer.is_told(kPatienceMs));
    CHECK(viewer.look().damage.empty());

    SECTION("a part of it that is outside of the screen is cut off") {
        Viewer corner(display, ScreenRect{600, 400, 100, 100});
        CHECK(corner.size() == ScreenRect{0, 0, 40, 80});
    }
    SECTION("outside altogether is refused") {
        const auto outside = open_x11_screen({.display = display.name(), .what = ScreenRect{640, 0, 10, 10}});
        REQUIRE_FALSE(outside);
        CHECK(outside.error().code == Errc::usage);
    }
}

TEST_CASE("the pointer has a shape and a place, and is not in the pixels") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window(kScreen, kGreen);
    painter.set_cursor(window, 3, 5);
    Viewer viewer(display, ScreenRect{100, 100, 200, 200});
    viewer.settle();
    painter.move_pointer(150, 160);
    CHECK(viewer.until([&] { return viewer.cursor().x == 50 && viewer.cursor().y == 60; }));
    CHECK(viewer.cursor().visible);
    CHECK(viewer.cursor().width == 16);
    CHECK(viewer.cursor().height == 16);
    CHECK(viewer.cursor().hot_x == 3);
    CHECK(viewer.cursor().hot_y == 5);
    REQUIRE(viewer.cursor().argb.size() == 256);
    CHECK(viewer.cursor().argb[0] == 0xffff0000);
    CHECK(viewer.at(50, 60) == kGreen);

    const auto shape = viewer.cursor().shape;
    painter.set_cursor(window, 8, 8);
    CHECK(viewer.until([&] { return viewer.cursor().hot_x == 8; }));
    CHECK(viewer.cursor().shape != shape);

    painter.move_pointer(20, 30);
    CHECK(viewer.until([&] { return !viewer.cursor().visible; }));
    CHECK(viewer.cursor().x == -80);
    CHECK(viewer.cursor().y == -70);
}

TEST_CASE("what can not be shared is refused with a reason") {
    SECTION("a window that is not there") {
        TestDisplay display;
        const auto screen = open_x11_screen({.display = display.name(), .what = X11WindowId{0x1234567}});
        REQUIRE_FALSE(screen);
        CHECK(screen.error().code == Errc::not_found);
    }
    SECTION("a display of 16 bits a pixel") {
        TestDisplay display("320x240x16");
        const auto screen = open_x11_screen({.display = display.name(), .what = X11WholeDisplay{}});
        REQUIRE_FALSE(screen);
        CHECK(screen.error().code == Errc::unsupported);
        CHECK(screen.error().what.find("16") != std::string::npos);
    }
    SECTION("a display that is not there") {
        const auto screen = open_x11_screen({.display = ":65000", .what = X11WholeDisplay{}});
        REQUIRE_FALSE(screen);
        CHECK(screen.error().code == Errc::unavailable);
    }
    SECTION("the name of no display") {
        const auto screen = open_x11_screen({.display = "nonsense", .what = X11WholeDisplay{}});
        REQUIRE_FALSE(screen);
        CHECK(screen.error().code == Errc::usage);
    }
}

// A window manager of Xwayland makes this name known.
TEST_CASE("in a Wayland session windows are shared, and not the black root") {
    TestDisplay display;
    Painter painter(display);
    const auto window = painter.open_window({0, 0, 40, 30}, kRed);
    painter.atom("WL_SURFACE_ID");
    const Environment session{{"DISPLAY", display.name()}, {"WAYLAND_DISPLAY", "wayland-0"}};
    const auto root = open_x11_screen({.display = {}, .what = X11WholeDisplay{}});
    REQUIRE_FALSE(root);
    CHECK(root.error().code == Errc::unsupported);
    CHECK(open_x11_screen({.display = {}, .what = X11WindowId{window}}));
    CHECK(open_x11_screen({.display = display.name(), .what = X11WholeDisplay{}}));  // who names it means it
}

TEST_CASE("a display that dies wakes the viewer and says so") {
    TestDisplay display;
    Viewer viewer(display, X11WholeDisplay{});
    viewer.settle();
    display.kill();
    REQUIRE(viewer.is_told(kPatienceMs));
    const auto change = viewer.source().capture();
    REQUIRE_FALSE(change);
    CHECK(change.error().code == Errc::closed);
    CHECK_FALSE(viewer.source().capture());
}

TEST_CASE("a thread of its own captures while others draw") {
    TestDisplay display;
    Viewer viewer(display, X11WholeDisplay{});
    Painter painter(display);
    const auto window = painter.open_window(kScreen, 0);
    bool same = false;
    std::thread capture(
        [&] { same = viewer.until([&] { return viewer.seen() == Pixels(640 * 480, kGreen); }); });
    for (int y = 0; y < 480; y += 4) painter.fill(window, {0, y, 640, 4}, kGreen);
    capture.join();
    CHECK(same);
}

}  // namespace
}  // namespace connectsphere::client
