// The join card, and devices, which are chosen there and in a call.
#include <utility>

#include "client-gui/actions.hpp"
#include "client-gui/text_words.hpp"

namespace connectsphere::gui {

namespace {

// What is missing on the card, as a sentence; and the field where it is missing.
std::optional<std::pair<Field, const char*>> missing(const JoinCard& card) {
    if (trimmed(card.fields[JoinCard::server].text()).empty())
        return {{kServerField, "Which server? Its name or address, such as 192.0.2.10."}};
    if (trimmed(card.fields[JoinCard::name].text()).empty())
        return {{kNameField, "Which name shall the others see?"}};
    if (trimmed(card.fields[JoinCard::room].text()).empty())
        return {{kRoomField, "Which room? Any name makes one."}};
    return std::nullopt;
}

Commands join(State& state) {
    auto& card = state.card;
    card.fault.clear();
    card.listed.reset();
    if (const auto gap = missing(card)) {
        card.focused = gap->first;
        card.fault = gap->second;
        return {};
    }
    card.is_connecting = true;
    card.question.reset();
    state.call = {};
    return {Connect{.server = trimmed(card.fields[JoinCard::server].text()),
                    .name = trimmed(card.fields[JoinCard::name].text()),
                    .room = trimmed(card.fields[JoinCard::room].text()),
                    .password = card.fields[JoinCard::password].text(),
                    .video_in = card.camera.device().spec,
                    .audio_in = card.microphone.device().spec,
                    .audio_out = card.speaker.device().spec}};
}

Commands trust(State& state) {
    auto& card = state.card;
    if (!card.question || !card.question->known.empty()) return {};
    Commands commands{Trust{.server = card.question->server, .fingerprint = card.question->shown}};
    for (auto& command : join(state)) commands.push_back(std::move(command));
    return commands;
}

Commands go_back(State& state) {
    const bool was_connecting = state.card.is_connecting;
    state.card.is_connecting = false;
    state.card.question.reset();
    state.view = View::join;
    state.popup = Popup::none;
    Commands commands;
    if (was_connecting) commands.push_back(Leave{});
    commands.push_back(preview_of(state.card));
    return commands;
}

// In a call the device is changed at once; on the card it is tried.
Commands choose_device(State& state, const Action& action) {
    auto& card = state.card;
    const auto kind = static_cast<DeviceKind>(action.id);
    device_choice(card, kind).choose(action.text);
    card.listed.reset();
    card.device_fault.clear();
    if (state.view != View::call) {
        if (kind == DeviceKind::speaker) return {};
        card.level = 0;
        return {preview_of(card)};
    }
    Commands commands{KeepSettings{}};
    if (kind == DeviceKind::microphone) {
        commands.push_back(ChangeMicrophone{action.text});
    } else if (kind == DeviceKind::speaker) {
        commands.push_back(ChangeLoudspeaker{action.text});
    } else {
        commands.push_back(ChangeCamera{action.text});
        // Who chooses a camera wants to be seen.
        if (std::exchange(state.camera_off, false))
            commands.push_back(SetMedia{.microphone_muted = state.microphone_muted});
    }
    return commands;
}

}  // namespace

Outcome act_on_card(State& state, const Action& action) {
    switch (action.does) {
        case Does::join:
            return join(state);
        case Does::pick_server:
            state.card.fields[JoinCard::server].set(action.text);
            return Commands{};
        case Does::trust:
            return trust(state);
        case Does::go_back:
            return go_back(state);
        default:
            return std::nullopt;
    }
}

Outcome act_on_devices(State& state, const Action& action) {
    if (action.does == Does::choose_device) return choose_device(state, action);
    if (action.does != Does::list_devices) return std::nullopt;
    const auto kind = static_cast<DeviceKind>(action.id);
    const bool was_open = state.card.listed == kind;
    state.card.listed.reset();
    if (was_open) return Commands{};
    state.card.listed = kind;
    return Commands{FindDevices{}};
}

}  // namespace connectsphere::gui
