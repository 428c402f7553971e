// A call that is under way, without a server.
#pragma once

#include <catch2/catch.hpp>

#include "client-gui/input.hpp"
#include "client-gui/pointer.hpp"
#include "client-gui/view.hpp"

namespace connectsphere::gui {

constexpr Time kStart{1000s};

// Every character is half as wide as it is high.
class PlainMetrics : public TextMetrics {
  public:
    Size measure(const std::string& text, const TextStyle& style, int width) override {
        const int length = static_cast<int>(text.size()) * style.size / 2, line = style.size * 5 / 4;
        if (width <= 0 || !style.wraps) return {length, line};
        return {std::min(length, width), line * std::max(1, (length + width - 1) / width)};
    }
    Rect caret(const std::string&, const TextStyle& style, int, std::size_t byte) override {
        return {static_cast<int>(byte) * style.size / 2, 0, 1, style.size};
    }
    std::size_t byte_at(const std::string&, const TextStyle& style, int, Point point) override {
        return static_cast<std::size_t>(std::max(0, point.x * 2 / style.size));
    }
};

inline proto::Participant participant(std::uint64_t session, const std::string& name) {
    proto::Participant out;
    out.set_session_id(session);
    out.set_name(name);
    out.set_role(session == 1 ? proto::HOST : proto::PARTICIPANT);
    out.set_connected(true);
    out.set_joined_at(session);
    out.add_streams()->set_kind(proto::VIDEO);
    return out;
}

// We are number 1, "Ann"; the others came after us.
inline proto::Joined joined(int people) {
    static const char* kNames[] = {"Ann", "Ben", "Cleo", "דנה", "Emil", "李明"};
    proto::Joined out;
    out.set_session_id(1);
    out.mutable_room()->set_name("physics");
    for (int i = 0; i < people; ++i) {
        auto name = std::string(kNames[i % 6]);
        if (i >= 6) name += std::to_string(i);
        *out.mutable_room()->add_participants() = participant(static_cast<std::uint64_t>(i) + 1, name);
    }
    return out;
}

inline Commands tell(State& state, const Notice& what, Time now = kStart) {
    Commands commands;
    notice(state, what, now, commands);
    return commands;
}

inline State in_call(int people) {
    State state;
    tell(state, client::Event(joined(people)));
    return state;
}

inline Scene scene_of(const State& state, Size window = {1280, 720}, Time now = kStart) {
    static PlainMetrics metrics;
    return build_scene(state,
                       {.window = window, .now = now, .metrics = metrics, .picture = [](std::uint64_t) {
                            return PictureInfo{1, {640, 360}};
                        }});
}

inline const Spot* find_spot(const Scene& scene, const std::string& name) {
    for (const auto& spot : scene.spots()) {
        if (spot.name == name) return &spot;
    }
    return nullptr;
}

// As a click on what has that name, or Tab and Enter.
inline Commands click(State& state, const std::string& name) {
    const auto scene = scene_of(state);
    const auto* spot = find_spot(scene, name);
    CAPTURE(name);
    REQUIRE(spot);
    return apply(state, Action(spot->action), kStart);
}

inline Commands type(State& state, const std::string& text) {
    return press(state, {.code = KeyCode::text, .text = text}, scene_of(state), "", kStart);
}
inline Commands hit(State& state, KeyCode code) {
    return press(state, {.code = code}, scene_of(state), "", kStart);
}

}  // namespace connectsphere::gui
