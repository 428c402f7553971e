// State: everything that decides what the window shows, except pixels and the size of the window. Actions,
// keys and notices change it and yield commands; nothing here knows a window, a thread or a clock.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "client-gui/action.hpp"
#include "client-gui/call_model.hpp"
#include "client-gui/command.hpp"
#include "client-gui/layout.hpp"
#include "client-gui/text_field.hpp"
#include "client-gui/zoom.hpp"

namespace connectsphere::gui {

enum class View { join, call, over };
enum class Panel : std::uint64_t { none, chat, people, files };
enum class Popup : std::uint64_t { none, reactions, layouts, settings, leave, share };

std::string_view name(View view);
std::string_view name(Panel panel);

// One device of several, or none.
struct DeviceChoice {
    std::vector<Device> devices{};
    std::size_t chosen = 0;

    const Device& device() const;
    void next();
    void choose(const std::string& spec);  // is added where it is not in the list
    void offer(std::vector<Device> found, const std::string& off_label);
};

struct JoinCard {
    enum Field : std::uint64_t { server, name, room, password, kFields };

    std::array<TextField, kFields> fields{TextField(255), TextField(64), TextField(64), TextField(128)};
    std::optional<std::uint64_t> focused = name;
    DeviceChoice camera{}, microphone{}, speaker{};
    std::vector<std::string> recent{};  // servers, the newest first
    double level = 0;                   // of the microphone
    std::string fault{};                // why joining failed, in a sentence
    std::string device_fault{};
    bool is_connecting = false;
    std::optional<CertificateQuestion> question{};
};

struct State {
    View view = View::join;
    JoinCard card{};
    CallModel call{};

    bool microphone_muted = false;
    bool camera_off = false;
    bool is_pushing_to_talk = false;  // the space bar is held

    std::optional<Layout> layout{};  // chosen by hand
    int page = 0;
    std::uint64_t pinned = 0;  // session
    Panel panel = Panel::none;
    Popup popup = Popup::none;
    std::uint64_t acted_on = 0;      // session, whose actions are shown in the list of people
    std::uint64_t conversation = 0;  // 0: everybody
    TextField composer{4'000};
    bool is_composing = false;  // the keyboard belongs to the composer
    int scroll = 0;             // of the panel's list: pixels from its newest end

    bool has_screen = false;  // somebody shares one
    std::uint64_t presenter = 0;
    Zoom zoom{};
    bool is_sharing = false;        // one's own
    std::vector<Device> screens{};  // to choose from

    std::string theme = "dark";
    double scale = 1;
    bool is_mirrored = true;  // the own picture

    std::optional<Point> pointer{};
    Time pointer_since{};                // when it came to rest: for tips
    std::optional<std::size_t> focus{};  // a spot of the scene, by the tab key
};

// What the join card shows of the devices that are chosen.
Preview preview_of(const JoinCard& card);
// Whether keys are text.
TextField* typing_field(State& state);

bool can_moderate(const State& state);
Layout current_layout(const State& state);
// Sessions in the order of the stage: number 0 is the main one where the layout has one.
std::vector<std::uint64_t> stage_order(const State& state);

Commands apply(State& state, const Action& action, Time now);
void notice(State& state, const Notice& notice, Time now, Commands& commands);

}  // namespace connectsphere::gui
