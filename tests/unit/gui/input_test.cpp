#include "client-gui/input.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

TEST_CASE("a key is a shortcut while nobody types") {
    struct Row {
        const char* key;
        Does does;
        std::uint64_t id;
    };
    for (const auto& row :
         {Row{"m", Does::toggle_microphone, 0}, Row{"M", Does::toggle_microphone, 0},
          Row{"v", Does::toggle_camera, 0}, Row{"s", Does::toggle_screen, 0}, Row{"h", Does::toggle_hand, 0},
          Row{"c", Does::toggle_panel, 1}, Row{"p", Does::toggle_panel, 2}, Row{"u", Does::toggle_panel, 3},
          Row{"r", Does::toggle_popup, 1}, Row{"l", Does::toggle_popup, 2}, Row{"x", Does::nothing, 0},
          Row{"é", Does::nothing, 0}}) {
        CAPTURE(row.key);
        const auto action = shortcut({.code = KeyCode::text, .text = row.key});
        CHECK(action.does == row.does);
        CHECK(action.id == row.id);
    }
    CHECK(shortcut({.code = KeyCode::text, .text = "m", .ctrl = true}).does == Does::nothing);
    CHECK(shortcut({.code = KeyCode::text, .text = "m", .is_repeat = true}).does == Does::nothing);
}

TEST_CASE("W22: typing in the chat mutes nobody and leaves nothing") {
    auto state = in_call(2);
    type(state, "c");
    REQUIRE(state.panel == Panel::chat);
    for (const auto* key : {"m", "v", "s", "h", "c", "p", "u", "r", "l", " ", "Grüße 👋 שלום"}) {
        CHECK(type(state, key).empty());
    }
    CHECK(state.composer.text() == "mvshcpurl Grüße 👋 שלום");
    CHECK_FALSE(state.microphone_muted);
    CHECK(state.panel == Panel::chat);
    const auto said = hit(state, KeyCode::enter);
    CHECK(said == Commands{Say{.text = "mvshcpurl Grüße 👋 שלום"}});
    CHECK(state.composer.empty());
}

TEST_CASE("a choice by keyboard leaves nothing focused behind") {
    auto state = in_call(2);
    type(state, "r");
    hit(state, KeyCode::tab);
    REQUIRE(state.focus);
    CHECK(hit(state, KeyCode::enter) == Commands{React{.emoji = "👍"}});
    CHECK_FALSE(state.focus);
    hit(state, KeyCode::escape);
    CHECK(state.popup == Popup::leave);
    CHECK(hit(state, KeyCode::enter) == Commands{Leave{}});
}

TEST_CASE("escape goes back one step at a time, and asks before it leaves") {
    auto state = in_call(2);
    type(state, "c");
    hit(state, KeyCode::escape);
    CHECK(state.panel == Panel::chat);
    CHECK_FALSE(typed_into(state));
    CHECK(type(state, "m") == Commands{SetMedia{.microphone_muted = true}});
    hit(state, KeyCode::escape);
    CHECK(state.panel == Panel::none);
    hit(state, KeyCode::escape);
    CHECK(state.popup == Popup::leave);
    hit(state, KeyCode::escape);
    CHECK(state.popup == Popup::none);
    CHECK(state.view == View::call);
}

TEST_CASE("the space bar talks while it is held, when muted") {
    auto state = in_call(2);
    const Key down{.code = KeyCode::text, .text = " "},
        held{.code = KeyCode::text, .text = " ", .is_repeat = true};
    const Key up{.code = KeyCode::text, .text = " ", .is_release = true};
    const auto scene = scene_of(state);
    CHECK(press(state, down, scene, "", kStart).empty());
    CHECK(press(state, up, scene, "", kStart).empty());
    type(state, "m");
    CHECK(press(state, down, scene, "", kStart) == Commands{SetMedia{.microphone_muted = false}});
    CHECK(press(state, held, scene, "", kStart).empty());
    CHECK(press(state, up, scene, "", kStart) == Commands{SetMedia{.microphone_muted = true}});
    press(state, down, scene, "", kStart);
    CHECK(release_all(state) == Commands{SetMedia{.microphone_muted = true}});
}

TEST_CASE("the clipboard goes both ways") {
    auto state = in_call(2);
    type(state, "c");
    const auto ctrl = [&](const char* key) {
        return press(state, {.code = KeyCode::text, .text = key, .ctrl = true}, scene_of(state), "你好\n👋",
                     kStart);
    };
    ctrl("v");
    CHECK(state.composer.text() == "你好\n👋");
    ctrl("a");
    CHECK(ctrl("c") == Commands{CopyText{"你好\n👋"}});
    CHECK(ctrl("x") == Commands{CopyText{"你好\n👋"}});
    CHECK(state.composer.empty());
    CHECK(ctrl("m").empty());
    CHECK(state.composer.empty());
}

TEST_CASE("tab reaches every button of a call, and enter presses it") {
    auto state = in_call(3);
    const auto scene = scene_of(state);
    std::vector<std::string> reached;
    for (std::size_t i = 0; i < scene.spots().size(); ++i) {
        hit(state, KeyCode::tab);
        reached.push_back(scene.spots().at(*state.focus).name);
    }
    for (const auto* name : {"tile Ben", "microphone", "camera", "share", "hand", "reactions", "layout",
                             "chat", "people", "files", "settings", "leave"}) {
        CAPTURE(name);
        CHECK(std::find(reached.begin(), reached.end(), name) != reached.end());
    }
    while (scene.spots().at(*state.focus).name != "hand") hit(state, KeyCode::tab);
    CHECK(hit(state, KeyCode::enter) == Commands{RaiseHand{.raised = true}});
    hit(state, KeyCode::escape);
    CHECK_FALSE(state.focus);
}

TEST_CASE("the card is filled and sent with the keyboard alone") {
    State state;
    state.card.fields[JoinCard::server].set("192.0.2.1");
    state.card.fields[JoinCard::room].set("lobby");
    type(state, "Ann");
    hit(state, KeyCode::tab);
    hit(state, KeyCode::tab);
    type(state, "secret");
    CHECK(hit(state, KeyCode::enter) == Commands{Connect{.server = "192.0.2.1",
                                                         .name = "Ann",
                                                         .room = "lobby",
                                                         .password = "secret",
                                                         .video_in = "none",
                                                         .audio_in = "none",
                                                         .audio_out = "none"}});
    CHECK(state.card.is_connecting);
}
