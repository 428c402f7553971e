// The one place from which a screen is shared: asked for, waited for, given, and taken over.
#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

State with_presenter(std::uint64_t session) {
    auto state = in_call(3);
    proto::PresenterChanged changed;
    changed.set_session_id(session);
    tell(state, client::Event(changed));
    type(state, "s");
    tell(state, ScreensFound{{{"screen", "Whole screen"}, {"window:0x1", "Editor"}}});
    return state;
}

void make(State& state, proto::Role role) {
    proto::ParticipantUpdated self;
    *self.mutable_participant() = participant(1, "Ann");
    self.mutable_participant()->set_role(role);
    tell(state, client::Event(self));
}

}  // namespace

TEST_CASE("who shares first just shares; beside another one asks, and a moderator may take over") {
    struct Row {
        std::uint64_t presenter;
        proto::Role role;
        bool has_choice, takes;
    };
    for (const auto& row : {Row{0, proto::HOST, false, false}, Row{1, proto::HOST, false, false},
                            Row{2, proto::PARTICIPANT, false, false}, Row{2, proto::HOST, true, false},
                            Row{2, proto::MODERATOR, true, true}}) {
        CAPTURE(row.presenter, proto::Role_Name(row.role), row.takes);
        auto state = with_presenter(row.presenter);
        make(state, row.role);
        CHECK((find_spot(scene_of(state), "take the screen over") != nullptr) == row.has_choice);
        if (row.takes) click(state, "take the screen over");
        CHECK(click(state, "share Editor") ==
              Commands{ShareScreen{.what = "window:0x1", .take_over = row.takes}});
    }
}

TEST_CASE("waiting for the place is seen, and can be given up with the same key") {
    auto state = with_presenter(2);
    click(state, "share Whole screen");
    tell(state, Sharing{.state = Sharing::State::waiting});
    CHECK(type(state, "s") == Commands{StopSharing{}});
    CHECK(state.popup == Popup::none);
}

TEST_CASE("who asks for the place is shown, one after the other, until it is given or not") {
    auto state = with_presenter(1);
    state.popup = Popup::none;
    tell(state, Sharing{.state = Sharing::State::on});
    for (const auto session : {std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{2}}) {
        proto::PresentingRequested asks;
        asks.set_session_id(session);
        asks.set_name("x");
        tell(state, client::Event(asks));
    }
    CHECK(state.asking == std::vector<std::uint64_t>{3, 2});
    CHECK(click(state, "keep the screen").empty());
    CHECK(click(state, "give the screen") == Commands{GrantScreen{.session = 2}});
    CHECK(find_spot(scene_of(state), "give the screen") == nullptr);
}

TEST_CASE("who asked and left, or asked one who no longer presents, asks nobody") {
    auto state = with_presenter(1);
    tell(state, Sharing{.state = Sharing::State::on});
    proto::PresentingRequested asks;
    asks.set_session_id(2);
    tell(state, client::Event(asks));
    SECTION("left") {
        proto::ParticipantLeft left;
        left.set_session_id(2);
        tell(state, client::Event(left));
    }
    SECTION("sharing ended") { tell(state, Sharing{}); }
    SECTION("taken over") {
        proto::PresenterChanged changed;
        changed.set_session_id(3);
        tell(state, client::Event(changed));
    }
    CHECK(state.asking.empty());
}

TEST_CASE("in every window all screens to share can be clicked") {
    for (const auto window : {Size{480, 360}, Size{640, 480}, Size{1280, 720}, Size{3840, 2160}}) {
        auto state = with_presenter(2);
        state.screens.clear();
        for (int i = 0; i < 10; ++i) {
            auto label = std::to_string(i);
            state.screens.push_back({.spec = "window:0x1", .label = "Window " + label});
        }
        const auto scene = scene_of(state, window);
        const Rect all{0, 0, window.width, window.height};
        std::vector<Rect> taken;
        for (const auto& spot : scene.spots()) {
            if (!spot.name.starts_with("share ") || spot.action.does == Does::toggle_screen) continue;
            CAPTURE(window.width, spot.name);
            CHECK(all.contains(spot.rect));
            for (const auto& other : taken) CHECK_FALSE(overlap(spot.rect, other));
            taken.push_back(spot.rect);
        }
        CHECK(taken.size() == 11);  // and a part of the screen
    }
}
