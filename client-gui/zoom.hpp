// Zoom: which part of a shared screen is seen, and how large. At first all of it; then in steps around the
// pointer up to four pixels for one; dragged with the mouse.
#pragma once

#include "client-gui/geometry.hpp"

namespace connectsphere::gui {

struct Zoom {
    static constexpr double kStep = 1.25, kMost = 4;

    double factor = 0;  // pixels of the window for one of the screen; 0: as large as it fits
    double x = 0.5;     // what of the screen is in the middle, 0 to 1
    double y = 0.5;

    bool operator==(const Zoom&) const = default;

    double fitting(Size screen, Size box) const;
    double shown(Size screen, Size box) const;  // the factor in force
    void step(int direction, Size screen, Size box);
    void native() { factor = 1; }
    void fit() { *this = {}; }
    void pan(Point by, Size screen, Size box);

    struct Placed {
        Rect source;  // of the screen
        Rect rect;    // of the window
    };
    Placed place(Size screen, const Rect& box) const;
};

}  // namespace connectsphere::gui
