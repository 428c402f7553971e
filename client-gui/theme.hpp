// Colours, dark and light; and how large things are on this screen.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace connectsphere::gui {

// 0xAARRGGBB, not premultiplied.
using Colour = std::uint32_t;

constexpr Colour with_alpha(Colour colour, unsigned alpha) { return (colour & 0x00FFFFFF) | alpha << 24; }

struct Theme {
    std::string_view name;
    Colour background;  // of the stage
    Colour surface;     // bars and panels
    Colour raised;      // cards, fields and buttons on them
    Colour hover;       // the same under the pointer
    Colour tile;        // behind a person without a picture
    Colour line;        // between surfaces
    Colour text;
    Colour dim;               // text of less weight
    Colour accent;            // what invites
    Colour on_accent;         // text on it
    Colour danger;            // what ends or is off
    Colour good, fair, poor;  // how well the network does
    Colour hand, on_hand;     // raised
    Colour speaking;          // the ring
    Colour own_bubble;        // chat that one wrote
    Colour shade;             // over what is behind a dialog
};

const Theme& dark_theme();
const Theme& light_theme();
const Theme& theme_named(std::string_view name);  // the dark one where there is no such name

// Lengths are written in pixels of an ordinary screen (96 per inch) and drawn in those of this one.
struct Scale {
    double factor = 1;
    int operator()(int length) const { return static_cast<int>(std::lround(length * factor)); }
};

// The colour of a person without a picture: the same on every screen.
Colour colour_of(std::string_view person_name);

}  // namespace connectsphere::gui
