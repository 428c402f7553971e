// The icons, drawn as lines, so that they are sharp at any size.
#pragma once

#include <cairo.h>

#include "client-gui/scene.hpp"

namespace connectsphere::gui {

// Into the box, with the source that is set.
void draw_icon(cairo_t* cairo, Icon icon, const Rect& box);

}  // namespace connectsphere::gui
