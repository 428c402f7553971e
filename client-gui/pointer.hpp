// What the pointer does: pressed, dragged, its wheel turned. As pure as the keys (input.hpp).
#pragma once

#include "client-gui/scene.hpp"
#include "client-gui/state.hpp"

namespace connectsphere::gui {

// What is on screen while it is pointed at.
struct Pointed {
    const Scene& scene;
    TextMetrics& metrics;
    Size screen_picture;  // of the shared screen, as it was sent
    Time now;
};

Commands press_pointer(State& state, const Pointed& on, Point point, bool is_double);
void drag_pointer(State& state, const Pointed& on, Point from, Point to);      // step by step
Commands turn_wheel(State& state, const Pointed& on, Point point, int steps);  // up is positive

bool is_on_panel(const Scene& scene, Point point);

}  // namespace connectsphere::gui
