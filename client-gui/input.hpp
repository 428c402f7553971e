// Keys: text for the field that has the keyboard, else shortcuts. While somebody types, no letter is ever a
// shortcut.
#pragma once

#include <string>

#include "client-gui/scene.hpp"
#include "client-gui/state.hpp"

namespace connectsphere::gui {

enum class KeyCode {
    text,
    compose,  // text: what an input method composes, empty: no longer
    enter,
    escape,
    tab,
    back_tab,
    backspace,
    erase,
    left,
    right,
    up,
    down,
    home,
    end,
    page_up,
    page_down,
    other
};

struct Key {
    KeyCode code = KeyCode::text;
    std::string text{};      // what it types; with Ctrl the letter
    std::size_t cursor = 0;  // in what is composed: a byte of it
    bool ctrl = false;
    bool shift = false;
    bool is_repeat = false;
    bool is_release = false;
};

// What this key does in a call while nobody types.
Action shortcut(const Key& key);

// `clipboard` is what Ctrl+V pastes; `scene` is what is on screen, for Tab and Enter.
Commands press(State& state, const Key& key, const Scene& scene, const std::string& clipboard, Time now);

// The window lost the keyboard: keys that are held are released, unseen.
Commands release_all(State& state);

}  // namespace connectsphere::gui
