// What an action does to the state, by what it is about. Each function answers only to actions of its kind.
#pragma once

#include <optional>

#include "client-gui/state.hpp"

namespace connectsphere::gui {

// Nothing: not one of these.
using Outcome = std::optional<Commands>;

Outcome act_on_card(State& state, const Action& action);
Outcome act_on_devices(State& state, const Action& action);
Outcome act_on_self(State& state, const Action& action);
Outcome act_on_screen(State& state, const Action& action);
Outcome act_on_view(State& state, const Action& action);
Outcome act_on_others(State& state, const Action& action);
Outcome act_on_chat(State& state, const Action& action, Time now);
Outcome act_on_files(State& state, const Action& action);
Outcome act_on_settings(State& state, const Action& action);

void close_search(State& state);
void stop_editing(State& state);
// Opens and closes: what belongs to them changes too.
Commands toggle_panel(State& state, Panel panel);
Commands set_popup(State& state, Popup popup);
// Goes back one step: what is in front is closed, and at last it is asked whether to leave.
Commands dismiss(State& state);

}  // namespace connectsphere::gui
