// RegionChoice: which part of the screen is to be shared, while it is being chosen: drawn with the pointer,
// or moved and resized with keys. In pixels of the screen.
#pragma once

#include <cstdint>
#include <string>

#include "client-gui/geometry.hpp"

namespace connectsphere::gui {

class RegionChoice {
  public:
    static constexpr int kLeast = 64;  // pixels: what is smaller shows nothing

    // `screen` is where it lies on the display, beside other screens; at first its middle is chosen.
    explicit RegionChoice(Rect screen);

    const Rect& screen() const { return screen_; }
    const Rect& chosen() const { return chosen_; }  // within the screen, from its corner

    void begin(Point corner);
    void drag_to(Point corner);  // the other one
    void move(int right, int down);
    void grow(int right, int down);

    std::string text() const;  // "region:1280x720+0+0", on the display

    bool operator==(const RegionChoice&) const = default;

  private:
    Rect screen_;
    Rect chosen_;
    Point corner_{};
};

// The screen's picture as it is shown in a window that may be smaller.
struct RegionView {
    Size screen;
    Rect box;  // where the picture is

    static RegionView in(Size window, Size screen) {
        return {screen, fit(screen, {0, 0, window.width, window.height})};
    }
    Point to_screen(Point in_window) const;
    Rect to_window(const Rect& on_screen) const;
};

}  // namespace connectsphere::gui
