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
#include "client-gui/region.hpp"
#include "client-gui/text_field.hpp"
#include "client-gui/zoom.hpp"

namespace connectsphere::gui {

enum class View { join, call, over };
enum class Panel : std::uint64_t { none, chat, people, files };
enum class Popup : std::uint64_t { none, reactions, layouts, settings, leave, share, password };
enum class DeviceKind : std::uint64_t { camera, microphone, speaker };

std::string_view name(View view);
std::string_view name(Panel panel);
std::string_view name(Popup popup);

// Where text can be typed. The first four are the join card's.
enum Field : std::uint64_t {
    kServerField,
    kNameField,
    kRoomField,
    kPasswordField,
    kCardFields,
    kComposer = kCardFields,
    kChatSearch,
    kFileSearch,
    kRoomPassword
};

// One device of several, or none.
struct DeviceChoice {
    std::vector<Device> devices{};
    std::size_t chosen = 0;

    const Device& device() const;
    void choose(const std::string& spec);  // is added where it is not in the list
    void offer(std::vector<Device> found, const std::string& off_label);
};

struct JoinCard {
    static constexpr std::uint64_t server = kServerField, name = kNameField, room = kRoomField,
                                   password = kPasswordField;

    std::array<TextField, kCardFields> fields{TextField(255), TextField(64), TextField(64), TextField(128)};
    std::optional<std::uint64_t> focused = name;
    DeviceChoice camera{}, microphone{}, speaker{};
    std::vector<std::string> recent{};   // servers, the newest first
    double level = 0;                    // of the microphone, also in a call
    std::optional<DeviceKind> listed{};  // whose list is open
    std::string fault{};                 // why joining failed, in a sentence
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
    std::optional<std::uint64_t> typing{};     // the Field that the keyboard belongs to, in a call
    std::optional<std::uint64_t> selecting{};  // the Field in which the pointer selects
    int scroll = 0;                            // of the panel's list: pixels from its newest end
    std::uint64_t message_acted_on = 0;        // one of one's own, whose actions are shown
    std::uint64_t editing = 0;                 // a message that is being written anew; 0: none
    bool is_searching = false;                 // the chat shows what was found
    TextField search{128};
    std::vector<ChatLine> found{};
    std::optional<std::string> found_for{};  // what the server was asked for
    TextField file_search{128};
    TextField room_password{128};

    bool has_screen = false;      // one is to be seen
    std::uint64_t presenter = 0;  // session of who shares one; 0: nobody
    Zoom zoom{};
    Sharing::State sharing = Sharing::State::off;  // one's own
    std::string shared{};                          // what of it, as ShareScreen has it
    std::vector<Device> screens{};                 // to choose from
    bool takes_over = false;                       // a moderator's choice, beside asking
    std::vector<std::uint64_t> asking{};           // sessions that want the place that one has
    std::optional<RegionChoice> region{};          // being chosen: nothing else is shown
    bool is_dropping = false;                      // files are held over the window

    std::string theme = "dark";
    double scale = 1;
    bool is_mirrored = true;  // the own picture

    std::optional<Point> pointer{};
    Time pointer_since{};                // when it came to rest: for tips
    bool has_keyed_since = false;        // who uses the keys wants no tips about the pointer
    std::optional<std::size_t> focus{};  // a spot of the scene, by the tab key
};

// What the join card shows of the devices that are chosen.
Preview preview_of(const JoinCard& card);
bool has_camera(const State& state);
// What keys are typed into; nothing: they are shortcuts.
std::optional<std::uint64_t> typed_into(const State& state);
TextField* typing_field(State& state);
TextField& field_of(State& state, std::uint64_t field);
const TextField& field_of(const State& state, std::uint64_t field);
DeviceChoice& device_choice(JoinCard& card, DeviceKind kind);
const ChatLine* last_own_line(const State& state);  // of the conversation that is open
// To whom a file goes that is attached or dropped now: whom one talks to in the open chat.
std::uint64_t file_receiver(const State& state);

bool can_moderate(const State& state);
bool is_host(const State& state);
Layout current_layout(const State& state);
// Sessions in the order of the stage: number 0 is the main one where the layout has one.
std::vector<std::uint64_t> stage_order(const State& state);

Commands apply(State& state, const Action& action, Time now);
void notice(State& state, const Notice& notice, Time now, Commands& commands);

}  // namespace connectsphere::gui
