// One's own part in a call, the shared screen, and other people.
#include <algorithm>

#include "client-gui/actions.hpp"

namespace connectsphere::gui {

namespace {

using Share = Sharing::State;

SetMedia media_state(const State& state) { return {state.microphone_muted, state.camera_off}; }

Commands toggle_camera(State& state) {
    if (!has_camera(state)) {  // there is nothing to turn on: one is chosen first
        auto commands = set_popup(state, Popup::settings);
        state.card.listed = DeviceKind::camera;
        return commands;
    }
    state.camera_off = !state.camera_off;
    return {media_state(state)};
}

Commands toggle_screen(State& state) {
    if (state.sharing != Share::off) return {StopSharing{}};
    state.screens.clear();
    state.takes_over = false;
    auto commands = set_popup(state, state.popup == Popup::share ? Popup::none : Popup::share);
    if (state.popup == Popup::share) commands.push_back(FindScreens{});
    return commands;
}

Commands share(State& state, const std::string& what) {
    (void)set_popup(state, Popup::none);
    state.region.reset();
    state.shared = what;
    return {ShareScreen{.what = what, .take_over = state.takes_over}};
}

Commands share_region(State& state) {
    if (!state.region) return {};
    Commands commands{UncoverScreen{}};
    for (auto& command : share(state, state.region->text())) commands.push_back(std::move(command));
    return commands;
}

proto::Role role_of(const std::string& name) {
    return name == "moderator" ? proto::MODERATOR : name == "listener" ? proto::LISTENER : proto::PARTICIPANT;
}

}  // namespace

Outcome act_on_self(State& state, const Action& action) {
    switch (action.does) {
        case Does::toggle_microphone:
            state.microphone_muted = !state.microphone_muted;
            return Commands{media_state(state)};
        case Does::toggle_camera:
            return toggle_camera(state);
        case Does::toggle_hand: {
            const auto* self = state.call.person(state.call.self());
            return Commands{RaiseHand{.raised = self && self->hand_raised_at == 0}};
        }
        case Does::react:
            (void)set_popup(state, Popup::none);
            return Commands{React{.emoji = action.text}};
        default:
            return std::nullopt;
    }
}

Outcome act_on_screen(State& state, const Action& action) {
    switch (action.does) {
        case Does::toggle_screen:
            return toggle_screen(state);
        case Does::share_screen:
            return share(state, action.text);
        case Does::choose_region:
            (void)set_popup(state, Popup::none);
            return Commands{CoverScreen{}};
        case Does::share_region:
            return share_region(state);
        case Does::set_take_over:
            state.takes_over = action.id != 0;
            return Commands{};
        case Does::give_screen:
            std::erase(state.asking, action.id);
            return Commands{GrantScreen{.session = action.id}};
        case Does::keep_screen:
            std::erase(state.asking, action.id);
            return Commands{};
        case Does::zoom_screen:
            if (action.id == 2) state.zoom.factor == 1 ? state.zoom.fit() : state.zoom.native();
            return Commands{};
        default:
            return std::nullopt;
    }
}

Outcome act_on_others(State& state, const Action& action) {
    switch (action.does) {
        case Does::show_actions:
            state.acted_on = state.acted_on == action.id ? 0 : action.id;
            return Commands{};
        case Does::mute_other:
            return Commands{MuteOther{.session = action.id, .microphone = true}};
        case Does::stop_camera:
            return Commands{MuteOther{.session = action.id, .camera = true}};
        case Does::lower_hand:
            return Commands{LowerHand{.session = action.id}};
        case Does::set_role:
            return Commands{SetRole{.session = action.id, .role = role_of(action.text)}};
        case Does::remove_other:
            state.acted_on = 0;
            return Commands{RemoveOther{.session = action.id}};
        case Does::set_password: {
            Commands commands{SetRoomPassword{state.room_password.text()}};
            state.room_password.clear();
            (void)set_popup(state, Popup::none);
            return commands;
        }
        default:
            return std::nullopt;
    }
}

}  // namespace connectsphere::gui
