// What a person can do, whatever with: a click, a key, or a focused button and Enter.
#pragma once

#include <cstdint>
#include <string>

namespace connectsphere::gui {

enum class Does : std::uint8_t {
    nothing,
    // The join card
    focus_field,  // id: which
    join,
    pick_server,  // text: one of the last ones
    next_camera,  // and so on through the list
    next_microphone,
    next_speaker,
    trust,    // the fingerprint that is shown, from now on
    go_back,  // to the join card
    // One's own part in a call
    toggle_microphone,
    toggle_camera,
    toggle_screen,
    share_screen,  // text: what of it
    toggle_hand,
    react,  // text: the emoji
    // What is seen of it
    toggle_panel,  // id: Panel
    toggle_popup,  // id: Popup
    set_layout,    // id: Layout; kAutomatic: chosen by itself
    pin,           // id: session; the pinned one: no longer
    turn_page,     // id: 0 back, 1 on
    zoom_screen,   // id: 0 out, 1 in, 2 fit
    // Other people, by hosts and moderators; id: session
    show_actions,  // of one in the list of people, or hide them
    mute_other,
    stop_camera,
    lower_hand,
    set_role,  // text: "moderator", "participant"
    remove_other,
    // Chat
    converse,  // id: session; 0: everybody
    send_chat,
    earlier_chat,
    copy,  // text
    // Files
    attach,
    get_file,     // id
    remove_file,  // id
    open_folder,
    // Settings
    set_theme,  // text: its name
    set_scale,  // id: percent
    toggle_mirror,
    // The end
    leave,  // asks first
    leave_now,
    dismiss,  // what is in front: a popup, then the panel
};

struct Action {
    static constexpr std::uint64_t kAutomatic = 99;

    Does does = Does::nothing;
    std::uint64_t id = 0;
    std::string text{};

    bool operator==(const Action&) const = default;
};

}  // namespace connectsphere::gui
