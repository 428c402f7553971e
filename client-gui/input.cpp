#include "client-gui/input.hpp"

#include <algorithm>

namespace connectsphere::gui {

namespace {

constexpr int kLine = 40, kPage = 300;  // pixels that a key scrolls

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
    const auto count = static_cast<int>(JoinCard::kFields);
    const auto now = static_cast<int>(card.focused.value_or(0));
    card.focused = static_cast<std::uint64_t>((now + step + count) % count);
    card.fields[*card.focused].select_all();
}

void move_focus(State& state, const Scene& scene, int step) {
    const auto& spots = scene.spots();
    const auto count = static_cast<int>(spots.size());
    int at = state.focus ? static_cast<int>(*state.focus) : (step > 0 ? -1 : count);
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

Commands press_on_card(State& state, const Key& key, const Scene& scene, Time now) {
    auto& card = state.card;
    if (key.code == KeyCode::tab || key.code == KeyCode::back_tab) {
        const int step = key.code == KeyCode::tab ? 1 : -1;
        // Through the fields, and on through the buttons.
        const bool leaves_fields =
            !card.question && card.focused &&
            *card.focused == (step > 0 ? std::uint64_t{JoinCard::password} : std::uint64_t{JoinCard::server});
        if (card.focused && !card.question && !leaves_fields) {
            next_field(card, step);
        } else if (leaves_fields || !card.focused || card.question) {
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
    auto* field = typing_field(state);
    Commands commands;
    const bool is_composer = field == &state.composer;
    if (field && edit_with_ctrl(*field, key, clipboard, is_composer, commands)) return commands;
    if (field && !state.focus && edit(*field, key)) return {};
    if (state.view != View::call) return press_on_card(state, key, scene, now);
    if (key.code == KeyCode::tab || key.code == KeyCode::back_tab) {
        state.is_composing = false;
        move_focus(state, scene, key.code == KeyCode::tab ? 1 : -1);
        return {};
    }
    if (is_composer && key.code == KeyCode::enter) {
        if (!key.shift) return apply(state, {.does = Does::send_chat}, now);
        field->insert("\n", true);
        return {};
    }
    if (state.focus && (key.code == KeyCode::enter || is_space)) return press_focused(state, scene, now);
    if (state.panel != Panel::none && (key.code == KeyCode::up || key.code == KeyCode::down)) {
        state.scroll = std::max(0, state.scroll + (key.code == KeyCode::up ? kLine : -kLine));
        return {};
    }
    if (is_composer && (key.code == KeyCode::page_up || key.code == KeyCode::page_down)) {
        state.scroll = std::max(0, state.scroll + (key.code == KeyCode::page_up ? kPage : -kPage));
        return {};
    }
    if (is_space && !key.is_repeat) return talk(state, true);
    return apply(state, shortcut(key), now);
}

Commands release_all(State& state) { return talk(state, false); }

}  // namespace connectsphere::gui
