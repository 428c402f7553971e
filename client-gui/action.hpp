// What a person can do, whatever with: a click, a key, or a focused button and Enter.
#pragma once

#include <cstdint>
#include <string>

namespace connectsphere::gui {

enum class Does : std::uint8_t {
    nothing,
    focus_field,  // id: which (state.hpp)
    // The join card
    join,
    pick_server,  // text: one of the last ones
    trust,        // the fingerprint that is shown, from now on
    go_back,      // to the join card
    // Devices, on the card and in a call
    list_devices,   // id: DeviceKind; the one that is listed: no longer
    choose_device,  // id: DeviceKind; text: the device, as the command line has it
    // One's own part in a call
    toggle_microphone,
    toggle_camera,
    toggle_hand,
    react,  // text: the emoji
    // The screen that is shared
    toggle_screen,  // chooses what to share, or ends it
    share_screen,   // text: what
    choose_region,  // of the screen, with the pointer
    draw_region,    // where the pointer does that
    share_region,   // as it was chosen
    set_take_over,  // id: 1: the place is taken from who has it; 0: asked for
    give_screen,    // id: session, that gets the place
    keep_screen,    // id: session, that does not
    zoom_screen,    // id: 0 out, 1 in, 2 fit
    // What is seen of a call
    toggle_panel,  // id: Panel
    toggle_popup,  // id: Popup
    set_layout,    // id: Layout; kAutomatic: chosen by itself
    pin,           // id: session; the pinned one: no longer
    turn_page,     // id: 0 back, 1 on
    // Other people, by hosts and moderators; id: session
    show_actions,  // of one in the list of people, or hide them
    mute_other,
    stop_camera,
    lower_hand,
    set_role,  // text: "moderator", "participant", "listener"
    remove_other,
    set_password,  // of the room, as it was typed
    // Chat
    converse,  // id: session; 0: everybody
    send_chat,
    earlier_chat,
    show_message_actions,  // id: message, of one's own; or hide them
    edit_message,          // id
    delete_message,        // id
    toggle_search,
    search_chat,
    save_chat,  // to a file
    copy,       // text
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
