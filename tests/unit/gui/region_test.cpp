#include "client-gui/region.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

TEST_CASE("a region is drawn from any corner, stays on the screen, and is never too small to see") {
    struct Row {
        Point from, to;
        const char* text;
    };
    for (const auto& row : {Row{{100, 50}, {740, 410}, "region:640x360+100+50"},
                            Row{{740, 410}, {100, 50}, "region:640x360+100+50"},
                            Row{{-20, -20}, {5'000, 5'000}, "region:1280x720+0+0"},
                            Row{{600, 300}, {601, 301}, "region:64x64+600+300"},
                            Row{{600, 300}, {599, 299}, "region:64x64+536+236"},
                            Row{{1'279, 719}, {1'280, 720}, "region:64x64+1216+656"}}) {
        RegionChoice region({0, 0, 1'280, 720});
        region.begin(row.from);
        region.drag_to(row.to);
        CHECK(region.text() == row.text);
    }
}

TEST_CASE("a region on the second screen counts from the corner of the display") {
    RegionChoice region({1'920, 100, 1'280, 720});
    region.begin({10, 20});
    region.drag_to({110, 120});
    CHECK(region.text() == "region:100x100+1930+120");
}

TEST_CASE("keys move a region, with Shift they change its size, and Enter shares it") {
    auto state = in_call(2);
    state.region.emplace(Rect{0, 0, 1'280, 720});  // 640x360+320+180
    const auto key = [&](KeyCode code, bool shift = false, bool ctrl = false) {
        return press(state, {.code = code, .ctrl = ctrl, .shift = shift}, scene_of(state), "", kStart);
    };
    key(KeyCode::right);
    key(KeyCode::up, false, true);
    CHECK(state.region->text() == "region:640x360+336+179");
    for (int i = 0; i < 100; ++i) key(KeyCode::left), key(KeyCode::right, true);
    CHECK(state.region->text() == "region:1280x360+0+179");
    type(state, "m");  // no shortcut now
    CHECK_FALSE(state.microphone_muted);
    CHECK(key(KeyCode::enter) == Commands{UncoverScreen{}, ShareScreen{.what = "region:1280x360+0+179"}});
    CHECK_FALSE(state.region);
}

TEST_CASE("escape leaves the choice of a region and nothing else") {
    auto state = in_call(2);
    CHECK(apply(state, {.does = Does::choose_region}, kStart) == Commands{CoverScreen{}});
    state.region.emplace(Rect{0, 0, 1'280, 720});
    CHECK(hit(state, KeyCode::escape) == Commands{UncoverScreen{}});
    CHECK_FALSE(state.region);
    CHECK(state.popup == Popup::none);
    CHECK(state.view == View::call);
}

TEST_CASE("a region is drawn with the pointer in a window that is smaller than the screen") {
    auto state = in_call(2);
    state.region.emplace(Rect{0, 0, 2'560, 1'440});
    const auto scene = scene_of(state, {1'280, 720});
    PlainMetrics metrics;
    const Pointed on{scene, metrics, {}, kStart};
    press_pointer(state, on, {100, 100}, false);
    drag_pointer(state, on, {100, 100}, {300, 200});
    drag_pointer(state, on, {300, 200}, {420, 280});
    CHECK(state.region->text() == "region:640x360+200+200");
    for (const auto* name : {"share region", "cancel region"}) REQUIRE(find_spot(scene_of(state), name));
}
