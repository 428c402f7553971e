#include "client-gui/state.hpp"

#include <algorithm>
#include <utility>

namespace connectsphere::gui {

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

std::string_view name(Popup popup) {
    static constexpr std::string_view kNames[] = {"none",  "reactions", "layouts", "settings",
                                                  "leave", "share",     "password"};
    return kNames[static_cast<std::size_t>(popup)];
}

namespace {

// Of what no list has named, as a person would.
std::string label_of(const std::string& spec) {
    static const std::pair<const char*, const char*> kLabels[] = {
        {"none", "None"},           {"mic", "Default microphone"}, {"speaker", "Default loudspeaker"},
        {"camera", "First camera"}, {"pattern", "Test picture"},   {"tone", "Test tone"}};
    for (const auto& [known, label] : kLabels)
        if (spec == known) return label;
    return spec;
}

}  // namespace

const Device& DeviceChoice::device() const {
    static const Device kNone{.spec = "none", .label = "None"};
    return chosen < devices.size() ? devices[chosen] : kNone;
}

void DeviceChoice::choose(const std::string& spec) {
    const auto found =
        std::find_if(devices.begin(), devices.end(), [&](const Device& d) { return d.spec == spec; });
    if (found == devices.end()) {
        devices.push_back({.spec = spec, .label = label_of(spec)});
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
    if (devices[chosen].label == label_of(before.spec)) devices[chosen].label = before.label;
}

bool has_camera(const State& state) { return state.card.camera.device().spec != "none"; }

std::optional<std::uint64_t> typed_into(const State& state) {
    if (state.view == View::join) {
        const bool has_field = !state.card.question && !state.card.listed;
        return has_field ? state.card.focused : std::nullopt;
    }
    if (state.view != View::call || !state.typing || state.region) return std::nullopt;
    const auto wanted = *state.typing == kRoomPassword ? Popup::password : Popup::none;
    return state.popup == wanted ? state.typing : std::nullopt;
}

TextField* typing_field(State& state) {
    const auto field = typed_into(state);
    return field ? &field_of(state, *field) : nullptr;
}

const TextField& field_of(const State& state, std::uint64_t field) {
    switch (field) {
        case kChatSearch:
            return state.search;
        case kFileSearch:
            return state.file_search;
        case kRoomPassword:
            return state.room_password;
        default:
            return field < kCardFields ? state.card.fields[field] : state.composer;
    }
}

TextField& field_of(State& state, std::uint64_t field) {
    return const_cast<TextField&>(field_of(std::as_const(state), field));  // NOLINT: the same for both
}

DeviceChoice& device_choice(JoinCard& card, DeviceKind kind) {
    return kind == DeviceKind::camera       ? card.camera
           : kind == DeviceKind::microphone ? card.microphone
                                            : card.speaker;
}

const ChatLine* last_own_line(const State& state) {
    const auto& lines = state.call.lines();
    const auto found = std::find_if(lines.rbegin(), lines.rend(), [&](const ChatLine& line) {
        return line.is_own && line.with == state.conversation;
    });
    return found == lines.rend() ? nullptr : &*found;
}

std::uint64_t file_receiver(const State& state) {
    return state.panel == Panel::chat ? state.conversation : 0;
}

bool can_moderate(const State& state) {
    const auto* self = state.call.person(state.call.self());
    return self && (self->role == proto::HOST || self->role == proto::MODERATOR);
}

bool is_host(const State& state) {
    const auto* self = state.call.person(state.call.self());
    return self && self->role == proto::HOST;
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

}  // namespace connectsphere::gui
