#include "client-gui/state.hpp"

#include <algorithm>

namespace connectsphere::gui {

namespace {

constexpr std::uint32_t kEarlierChat = 500;  // messages that are asked for at once

SetMedia media_state(const State& state) { return {state.microphone_muted, state.camera_off}; }

std::string trimmed(std::string text) {
    const auto is_space = [](unsigned char c) { return c == ' ' || c == '\n' || c == '\t'; };
    while (!text.empty() && is_space(static_cast<unsigned char>(text.back()))) text.pop_back();
    const auto first = std::find_if_not(text.begin(), text.end(), is_space);
    return {first, text.end()};
}

// What is missing on the card, as a sentence; and the field where it is missing.
std::optional<std::pair<JoinCard::Field, const char*>> missing(const JoinCard& card) {
    if (trimmed(card.fields[JoinCard::server].text()).empty())
        return {{JoinCard::server, "Which server? Its name or address, such as 192.0.2.10."}};
    if (trimmed(card.fields[JoinCard::name].text()).empty())
        return {{JoinCard::name, "Which name shall the others see?"}};
    if (trimmed(card.fields[JoinCard::room].text()).empty())
        return {{JoinCard::room, "Which room? Any name makes one."}};
    return std::nullopt;
}

Commands join(State& state) {
    auto& card = state.card;
    card.fault.clear();
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

Commands choose_next(State& state, DeviceChoice& choice) {
    choice.next();
    state.card.device_fault.clear();
    state.card.level = 0;
    return {preview_of(state.card)};
}

void set_conversation(State& state, std::uint64_t with) {
    state.conversation = with;
    state.scroll = 0;
    state.call.set_reading(with);
}

Commands toggle_panel(State& state, Panel panel) {
    state.panel = state.panel == panel ? Panel::none : panel;
    state.is_composing = state.panel == Panel::chat;
    state.scroll = 0;
    state.focus.reset();
    state.call.set_reading(state.panel == Panel::chat ? std::optional(state.conversation) : std::nullopt);
    if (state.panel != Panel::files) return {};
    state.call.mark_files_seen();
    return {ListFiles{}};
}

Commands send_chat(State& state) {
    const auto text = trimmed(state.composer.text());
    if (text.empty()) return {};
    state.composer.clear();
    state.scroll = 0;
    return {Say{.text = text, .to = state.conversation}};
}

void dismiss(State& state) {
    if (state.focus) {
        state.focus.reset();
    } else if (state.popup != Popup::none) {
        state.popup = Popup::none;
    } else if (state.is_composing) {
        state.is_composing = false;
    } else if (state.panel != Panel::none) {
        (void)toggle_panel(state, state.panel);
    } else {
        state.popup = Popup::leave;
    }
}

void zoom(State& state, std::uint64_t how) {
    if (how == 2) {
        state.zoom.factor == 1 ? state.zoom.fit() : state.zoom.native();
    }
}

Commands toggle_popup(State& state, Popup popup) {
    state.popup = state.popup == popup ? Popup::none : popup;
    state.focus.reset();
    return {};
}

Commands toggle_screen(State& state) {
    if (state.is_sharing) return {StopSharing{}};
    state.screens.clear();
    (void)toggle_popup(state, Popup::share);
    if (state.popup != Popup::share) return {};
    return {FindScreens{}};
}

Commands toggle_hand(State& state) {
    const auto* self = state.call.person(state.call.self());
    return {RaiseHand{.raised = self && self->hand_raised_at == 0}};
}

Commands set_scale(State& state, std::uint64_t percent) {
    state.scale = std::clamp(static_cast<double>(percent), 50.0, 400.0) / 100;
    return {KeepSettings{}};
}

}  // namespace

Preview preview_of(const JoinCard& card) {
    return {.video_in = card.camera.device().spec, .audio_in = card.microphone.device().spec};
}

std::string_view name(View view) {
    return view == View::join ? "join" : view == View::call ? "call" : "over";
}

std::string_view name(Panel panel) {
    static constexpr std::string_view kNames[] = {"none", "chat", "people", "files"};
    return kNames[static_cast<std::size_t>(panel)];
}

const Device& DeviceChoice::device() const {
    static const Device kNone{.spec = "none", .label = "None"};
    return chosen < devices.size() ? devices[chosen] : kNone;
}

void DeviceChoice::next() {
    if (!devices.empty()) chosen = (chosen + 1) % devices.size();
}

void DeviceChoice::choose(const std::string& spec) {
    const auto found =
        std::find_if(devices.begin(), devices.end(), [&](const Device& d) { return d.spec == spec; });
    if (found == devices.end()) {
        devices.push_back({.spec = spec, .label = spec == "none" ? "None" : spec});
        chosen = devices.size() - 1;
    } else {
        chosen = static_cast<std::size_t>(found - devices.begin());
    }
}

void DeviceChoice::offer(std::vector<Device> found, const std::string& off_label) {
    const auto before = device();
    const bool had = !devices.empty();
    devices = std::move(found);
    devices.push_back({.spec = "none", .label = off_label});
    chosen = 0;
    if (!had) return;
    choose(before.spec);
    if (devices[chosen].label == before.spec) devices[chosen].label = before.label;
}

TextField* typing_field(State& state) {
    if (state.view == View::call) {
        return state.popup == Popup::none && state.panel == Panel::chat && state.is_composing
                   ? &state.composer
                   : nullptr;
    }
    if (state.view != View::join || state.card.question || !state.card.focused) return nullptr;
    return &state.card.fields[*state.card.focused];
}

bool can_moderate(const State& state) {
    const auto* self = state.call.person(state.call.self());
    return self && (self->role == proto::HOST || self->role == proto::MODERATOR);
}

Layout current_layout(const State& state) {
    if (state.layout && (*state.layout != Layout::presenter || state.has_screen)) return *state.layout;
    return choose_layout({.has_screen = state.has_screen,
                          .has_pin = state.call.person(state.pinned) != nullptr,
                          .people = static_cast<int>(state.call.people().size())});
}

std::vector<std::uint64_t> stage_order(const State& state) {
    std::vector<std::uint64_t> order;
    for (const auto& person : state.call.people()) order.push_back(person.session);
    const auto layout = current_layout(state);
    if (layout == Layout::grid || layout == Layout::presenter || order.empty()) return order;
    auto main = order.front();
    if (state.call.person(state.call.main_speaker())) main = state.call.main_speaker();
    if (state.call.person(state.pinned)) main = state.pinned;
    const auto place = std::find(order.begin(), order.end(), main);
    std::rotate(order.begin(), place, place + 1);
    return order;
}

Commands apply(State& state, const Action& action, Time now) {
    auto& card = state.card;
    switch (action.does) {
        case Does::nothing:
            return {};
        case Does::focus_field:
            if (state.view == View::call) state.is_composing = true;
            if (state.view == View::join) card.focused = action.id;
            return {};
        case Does::join:
            return join(state);
        case Does::pick_server:
            card.fields[JoinCard::server].set(action.text);
            return {};
        case Does::next_camera:
            return choose_next(state, card.camera);
        case Does::next_microphone:
            return choose_next(state, card.microphone);
        case Does::next_speaker:
            card.speaker.next();
            return {};
        case Does::trust:
            return trust(state);
        case Does::go_back:
            return go_back(state);
        case Does::toggle_microphone:
            state.microphone_muted = !state.microphone_muted;
            return {media_state(state)};
        case Does::toggle_camera:
            state.camera_off = !state.camera_off;
            return {media_state(state)};
        case Does::toggle_screen:
            return toggle_screen(state);
        case Does::share_screen:
            state.popup = Popup::none;
            return {ShareScreen{.what = action.text}};
        case Does::toggle_hand:
            return toggle_hand(state);
        case Does::react:
            state.popup = Popup::none;
            return {React{.emoji = action.text}};
        case Does::toggle_panel:
            return toggle_panel(state, static_cast<Panel>(action.id));
        case Does::toggle_popup:
            return toggle_popup(state, static_cast<Popup>(action.id));
        case Does::set_layout:
            state.layout.reset();
            if (action.id != Action::kAutomatic) state.layout = static_cast<Layout>(action.id);
            state.page = 0;
            state.popup = Popup::none;
            return {};
        case Does::pin:
            state.pinned = state.pinned == action.id ? 0 : action.id;
            // By hand is by hand: a pin wants to be seen.
            if (state.pinned != 0 && state.layout == Layout::grid) state.layout.reset();
            state.page = 0;
            return {};
        case Does::turn_page:
            state.page = std::max(0, state.page + (action.id == 0 ? -1 : 1));
            return {};
        case Does::zoom_screen:
            zoom(state, action.id);
            return {};
        case Does::show_actions:
            state.acted_on = state.acted_on == action.id ? 0 : action.id;
            return {};
        case Does::mute_other:
            return {MuteOther{.session = action.id, .microphone = true}};
        case Does::stop_camera:
            return {MuteOther{.session = action.id, .camera = true}};
        case Does::lower_hand:
            return {LowerHand{.session = action.id}};
        case Does::set_role:
            return {SetRole{.session = action.id,
                            .role = action.text == "moderator" ? proto::MODERATOR : proto::PARTICIPANT}};
        case Does::remove_other:
            state.acted_on = 0;
            return {RemoveOther{.session = action.id}};
        case Does::converse:
            set_conversation(state, action.id);
            state.panel = Panel::chat;
            state.is_composing = true;
            return {};
        case Does::send_chat:
            return send_chat(state);
        case Does::earlier_chat:
            return {FetchHistory{.limit = kEarlierChat}};
        case Does::copy:
            state.call.toast(Toast::Kind::note, "Copied", now);
            return {CopyText{.text = action.text}};
        case Does::attach:
            return {ChooseFile{.to = state.panel == Panel::chat ? state.conversation : 0}};
        case Does::get_file:
            return {GetFile{.id = action.id}};
        case Does::remove_file:
            return {RemoveFile{.id = action.id}};
        case Does::open_folder:
            return {OpenFolder{}};
        case Does::set_theme:
            state.theme = action.text;
            return {KeepSettings{}};
        case Does::set_scale:
            return set_scale(state, action.id);
        case Does::toggle_mirror:
            state.is_mirrored = !state.is_mirrored;
            return {KeepSettings{}};
        case Does::leave:
            state.popup = Popup::leave;
            return {};
        case Does::leave_now:
            if (state.view != View::call) return {Quit{}};
            state.popup = Popup::none;
            return {Leave{}};
        case Does::dismiss:
            dismiss(state);
            return {};
    }
    return {};
}

}  // namespace connectsphere::gui
