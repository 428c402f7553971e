#include "client-gui/view.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "client-gui/text_words.hpp"
#include "client-gui/zoom.hpp"
#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

constexpr Size kWindows[] = {{480, 360}, {640, 480}, {800, 600}, {1280, 720}, {1920, 1080}, {3840, 2160}};

}  // namespace

TEST_CASE("in every window every button is inside, large enough, and reacts") {
    for (const auto window : kWindows) {
        for (const auto panel : {Panel::none, Panel::chat, Panel::people, Panel::files}) {
            auto state = in_call(12);
            state.panel = panel;
            const auto scene = scene_of(state, window);
            const Rect all{0, 0, window.width, window.height};
            for (const auto* name : {"microphone", "camera", "share", "hand", "reactions", "layout", "chat",
                                     "people", "files", "settings", "leave"}) {
                CAPTURE(window.width, static_cast<int>(panel), name);
                const auto* spot = find_spot(scene, name);
                REQUIRE(spot);
                CHECK(all.contains(spot->rect));
                CHECK(spot->rect.width >= 32);
                const Point middle{spot->rect.x + spot->rect.width / 2, spot->rect.y + spot->rect.height / 2};
                CHECK(scene.spot_at(middle)->name == name);
            }
        }
    }
}

TEST_CASE("the join card fits into every window") {
    for (const auto window : kWindows) {
        State state;
        state.card.recent = {"192.0.2.1", "server.example"};
        const auto scene = scene_of(state, window);
        const Rect all{0, 0, window.width, window.height};
        std::vector<Rect> taken;
        for (const auto* name : {"Server", "Your name", "Room", "Password", "join", "theme"}) {
            CAPTURE(window.width, name);
            const auto* spot = find_spot(scene, name);
            REQUIRE(spot);
            CHECK(all.contains(spot->rect));
            for (const auto& other : taken) CHECK_FALSE(overlap(spot->rect, other));
            taken.push_back(spot->rect);
        }
    }
}

TEST_CASE("a tile of everybody in the grid, pinned by a click") {
    auto state = in_call(12);
    const auto scene = scene_of(state);
    int tiles = 0;
    for (const auto& spot : scene.spots()) tiles += spot.name.starts_with("tile ");
    CHECK(tiles == 12);
    apply(state, find_spot(scene, "tile Cleo")->action, kStart);
    CHECK(state.pinned == 3);
    CHECK(current_layout(state) == Layout::speaker);
    const auto pinned = scene_of(state);
    CHECK(find_spot(pinned, "tile Cleo")->rect.width > 2 * find_spot(pinned, "tile Ben")->rect.width);
}

TEST_CASE("a picture of somebody damages that tile alone") {
    const auto state = in_call(9);
    PlainMetrics metrics;
    std::uint64_t version = 1;
    const auto build = [&] {
        return build_scene(
            state, {.window = {1280, 720}, .now = kStart, .metrics = metrics, .picture = [&](auto id) {
                        return PictureInfo{id == 4 ? version : 1, {640, 360}};
                    }});
    };
    const auto before = build();
    ++version;
    const auto after = build();
    CHECK(damage(before, after) == std::vector<Rect>{find_spot(after, "tile דנה")->rect});
}

TEST_CASE("the pointer's rest shows a tip") {
    auto state = in_call(2);
    const auto rect = find_spot(scene_of(state), "microphone")->rect;
    state.pointer = Point{rect.x + 5, rect.y + 5};
    state.pointer_since = kStart;
    const auto has_tip = [&](Time now) {
        const auto scene = scene_of(state, {1280, 720}, now);
        return std::any_of(scene.items().begin(), scene.items().end(),
                           [](const Item& item) { return item.text == "Mute (M)"; });
    };
    CHECK_FALSE(has_tip(kStart + 100ms));
    CHECK(has_tip(kStart + kTipDelay));
}

TEST_CASE("a dialog takes all reactions") {
    auto state = in_call(2);
    state.popup = Popup::leave;
    std::set<std::string> names;
    const auto scene = scene_of(state);
    for (const auto& spot : scene.spots()) names.insert(spot.name);
    CHECK(names == std::set<std::string>{"leave now", "stay"});
}

TEST_CASE("values read as people write them") {
    CHECK(size_text(0) == "0 bytes");
    CHECK(size_text(999) == "999 bytes");
    CHECK(size_text(1'400'000) == "1.4 MB");
    CHECK(size_text(123'456'789) == "123 MB");
    CHECK(initials("ann lee") == "AL");
    CHECK(initials("") == "?");
    CHECK(initials("李明") == "李");
    CHECK(initials("👨‍👩‍👧 family") == "👨‍👩‍👧F");
    CHECK(find_link("see https://192.0.2.1/a?b=c ok") == "https://192.0.2.1/a?b=c");
    CHECK(find_link("no link").empty());
    TextField password;
    password.insert("pä👋");
    password.move_left();
    CHECK(masked(password).text() == "•••");
    CHECK(masked(password).cursor() == 6);
}

TEST_CASE("a shared screen is seen whole, then sharp, and moved with the pointer") {
    constexpr Size kScreen{1920, 1080};
    const Rect box{100, 50, 960, 540};
    Zoom zoom;
    auto placed = zoom.place(kScreen, box);
    CHECK(placed.source == Rect{0, 0, 1920, 1080});
    CHECK(placed.rect == box);
    zoom.native();
    placed = zoom.place(kScreen, box);
    CHECK(placed.source == Rect{480, 270, 960, 540});
    CHECK(placed.rect == box);
    zoom.pan({-10'000, 10'000}, kScreen, box.size());
    CHECK(zoom.place(kScreen, box).source == Rect{960, 0, 960, 540});
    for (int i = 0; i < 50; ++i) zoom.step(1, kScreen, box.size());
    CHECK(zoom.shown(kScreen, box.size()) == Zoom::kMost);
    for (int i = 0; i < 50; ++i) zoom.step(-1, kScreen, box.size());
    CHECK(zoom == Zoom{});
    // A small screen is not blown up by itself, and none is no trouble.
    CHECK(Zoom{}.place({320, 240}, box).rect == Rect{420, 200, 320, 240});
    CHECK(Zoom{}.place({0, 0}, box).rect.empty());
}
