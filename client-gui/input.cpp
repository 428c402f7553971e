#include "client-gui/input.hpp"

#include <algorithm>
#include <utility>

#include "client-gui/actions.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kLine = 40, kPage = 300;  // pixels that a key scrolls
constexpr int kFine = 1, kCoarse = 16;  // pixels that a key moves a region by

Action panel(Panel which) { return {.does = Does::toggle_panel, .id = static_cast<std::uint64_t>(which)}; }

// Copying, cutting and pasting; false: something else.
bool edit_with_ctrl(TextField& field, const Key& key, const std::string& clipboard, bool line_breaks,
                    Commands& commands) {
    if (!key.ctrl) return false;
    const auto by = TextField::By::word;
    if (key.text == "a") {
        field.select_all();
    } else if (key.text == "c" || key.text == "x") {
        if (!field.selected().empty()) commands.push_back(CopyText{std::string(field.selected())});
        if (key.text == "x" && !field.selected().empty()) field.erase_back();
    } else if (key.text == "v") {
        field.insert(clipboard, line_breaks);
    } else if (key.code == KeyCode::left) {
        field.move_left(by, key.shift);
    } else if (key.code == KeyCode::right) {
        field.move_right(by, key.shift);
    } else if (key.code == KeyCode::backspace) {
        field.erase_back(by);
    } else if (key.code == KeyCode::erase) {
        field.erase_forward(by);
    } else {
        return key.code == KeyCode::text;  // no letter with Ctrl is ever typed
    }
    return true;
}

bool edit(TextField& field, const Key& key) {
    using By = TextField::By;
    switch (key.code) {
        case KeyCode::text:
            field.insert(key.text);
            return true;
        case KeyCode::backspace:
            field.erase_back();
            return true;
        case KeyCode::erase:
            field.erase_forward();
            return true;
        case KeyCode::left:
            field.move_left(By::character, key.shift);
            return true;
        case KeyCode::right:
            field.move_right(By::character, key.shift);
            return true;
        case KeyCode::home:
            field.move_left(By::all, key.shift);
            return true;
        case KeyCode::end:
            field.move_right(By::all, key.shift);
            return true;
        default:
            return false;
    }
}

void next_field(JoinCard& card, int step) {
    const auto count = static_cast<int>(kCardFields);
    const auto now = static_cast<int>(card.focused.value_or(0));
    card.focused = static_cast<std::uint64_t>((now + step + count) % count);
    card.fields[*card.focused].select_all();
}

void move_focus(State& state, const Scene& scene, int step) {
    const auto& spots = scene.spots();
    const auto count = static_cast<int>(spots.size());
    int at = state.focus ? static_cast<int>(*state.focus) : (step > 0 ? -1 : count);
    // What has opened above the rest comes first.
    for (int i = 0; !state.focus && step > 0 && i < count; ++i)
        if (spots[static_cast<std::size_t>(i)].name == "card") at = i;
    for (int tried = 0; tried < count; ++tried) {
        at = (at + step + count) % count;
        if (!spots[static_cast<std::size_t>(at)].focusable) continue;
        state.focus = static_cast<std::size_t>(at);
        return;
    }
}

Commands press_focused(State& state, const Scene& scene, Time now) {
    if (!state.focus || *state.focus >= scene.spots().size()) return {};
    const auto action = scene.spots()[*state.focus].action;
    return apply(state, action, now);
}

Commands talk(State& state, bool talks) {
    if (talks == state.is_pushing_to_talk || (talks && !state.microphone_muted)) return {};
    state.is_pushing_to_talk = talks;
    state.microphone_muted = !talks;
    return {SetMedia{state.microphone_muted, state.camera_off}};
}

// Arrows move the region, with Shift they make it larger and smaller; Ctrl: by single pixels.
Commands press_on_region(State& state, const Key& key, const Scene& scene, Time now) {
    if (key.code == KeyCode::tab || key.code == KeyCode::back_tab) {
        move_focus(state, scene, key.code == KeyCode::tab ? 1 : -1);
        return {};
    }
    if (key.code == KeyCode::escape) return dismiss(state);
    if (key.code == KeyCode::enter)
        return state.focus ? press_focused(state, scene, now)
                           : apply(state, {.does = Does::share_region}, now);
    const int by = key.ctrl ? kFine : kCoarse;
    const int right = key.code == KeyCode::right ? by : key.code == KeyCode::left ? -by : 0;
    const int down = key.code == KeyCode::down ? by : key.code == KeyCode::up ? -by : 0;
    key.shift ? state.region->grow(right, down) : state.region->move(right, down);
    return {};
}

// Enter, where text is typed in a call.
Commands enter_text(State& state, std::uint64_t field, bool shift, Time now) {
    switch (field) {
        case kComposer:
            if (!shift) return apply(state, {.does = Does::send_chat}, now);
            state.composer.insert("\n", true);
            return {};
        case kChatSearch:
            return apply(state, {.does = Does::search_chat}, now);
        case kRoomPassword:
            return apply(state, {.does = Does::set_password}, now);
        default:
            return {};
    }
}

// Keys of the chat and of lists that scroll them.
bool scroll(State& state, const Key& key) {
    const bool is_page = key.code == KeyCode::page_up || key.code == KeyCode::page_down;
    const bool is_line = key.code == KeyCode::up || key.code == KeyCode::down;
    if (state.panel == Panel::none || !(is_line || (is_page && state.typing))) return false;
    const bool is_up = key.code == KeyCode::up || key.code == KeyCode::page_up;
    const int by = is_page ? kPage : kLine;
    state.scroll = std::max(0, state.scroll + (is_up == (state.panel == Panel::chat) ? by : -by));
    return true;
}

Commands press_on_card(State& state, const Key& key, const Scene& scene, Time now) {
    auto& card = state.card;
    if (key.code == KeyCode::tab || key.code == KeyCode::back_tab) {
        const int step = key.code == KeyCode::tab ? 1 : -1;
        // Through the fields, and on through the buttons.
        const bool is_menu = card.question || card.listed;
        const bool leaves_fields =
            !is_menu && card.focused &&
            *card.focused == (step > 0 ? std::uint64_t{JoinCard::password} : std::uint64_t{JoinCard::server});
        if (card.focused && !is_menu && !leaves_fields) {
            next_field(card, step);
        } else {
            card.focused.reset();
            move_focus(state, scene, step);
        }
        return {};
    }
    if (key.code == KeyCode::enter) {
        if (state.focus) return press_focused(state, scene, now);
        return card.question ? Commands{} : apply(state, {.does = Does::join}, now);
    }
    if (key.code == KeyCode::escape) {
        state.focus.reset();
        if (std::exchange(card.listed, std::nullopt)) return {};
        if (!card.focused) card.focused = JoinCard::name;
        return card.question || card.is_connecting ? apply(state, {.does = Does::go_back}, now) : Commands{};
    }
    return {};
}

}  // namespace

Action shortcut(const Key& key) {
    if (key.ctrl || key.is_release || key.is_repeat) return {};
    if (key.code == KeyCode::escape) return {.does = Does::dismiss};
    if (key.code == KeyCode::page_up) return {.does = Does::turn_page, .id = 0};
    if (key.code == KeyCode::page_down) return {.does = Does::turn_page, .id = 1};
    if (key.code != KeyCode::text || key.text.size() != 1) return {};
    switch (key.text[0] | 0x20) {  // capitals too: Caps Lock is no reason to fail
        case 'm':
            return {.does = Does::toggle_microphone};
        case 'v':
            return {.does = Does::toggle_camera};
        case 's':
            return {.does = Does::toggle_screen};
        case 'h':
            return {.does = Does::toggle_hand};
        case 'c':
            return panel(Panel::chat);
        case 'p':
            return panel(Panel::people);
        case 'u':
            return panel(Panel::files);
        case 'r':
            return {.does = Does::toggle_popup, .id = static_cast<std::uint64_t>(Popup::reactions)};
        case 'l':
            return {.does = Does::toggle_popup, .id = static_cast<std::uint64_t>(Popup::layouts)};
        default:
            return {};
    }
}

Commands press(State& state, const Key& key, const Scene& scene, const std::string& clipboard, Time now) {
    const bool is_space = key.code == KeyCode::text && key.text == " ";
    if (key.is_release) return is_space && !key.is_repeat ? talk(state, false) : Commands{};
    state.has_keyed_since = true;
    if (state.region) return press_on_region(state, key, scene, now);
    auto* field = typing_field(state);
    Commands commands;
    const bool is_composer = field == &state.composer;
    if (key.code == KeyCode::compose) {
        if (field) field->compose(key.text, key.cursor);
        return {};
    }
    if (field && edit_with_ctrl(*field, key, clipboard, is_composer, commands)) return commands;
    if (field && !state.focus && edit(*field, key)) return {};
    if (state.view != View::call) return press_on_card(state, key, scene, now);
    if (key.code == KeyCode::tab || key.code == KeyCode::back_tab) {
        state.typing.reset();
        move_focus(state, scene, key.code == KeyCode::tab ? 1 : -1);
        return {};
    }
    if (field && !state.focus && key.code == KeyCode::enter)
        return enter_text(state, *state.typing, key.shift, now);
    if (state.focus && (key.code == KeyCode::enter || is_space)) return press_focused(state, scene, now);
    if (state.popup == Popup::leave && key.code == KeyCode::enter)
        return apply(state, {.does = Does::leave_now}, now);
    if (is_composer && field->empty() && key.code == KeyCode::up) {
        const auto* last = last_own_line(state);
        return last ? apply(state, {.does = Does::edit_message, .id = last->id}, now) : Commands{};
    }
    if (scroll(state, key)) return {};
    if (is_space && !key.is_repeat) return talk(state, true);
    return apply(state, shortcut(key), now);
}

Commands release_all(State& state) { return talk(state, false); }

}  // namespace connectsphere::gui
