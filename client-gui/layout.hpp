// Where everybody is seen: people and the size of the stage in, rectangles out. Nobody is left out: who does
// not fit is on another page. Tiles never overlap, and keep 16:9.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "client-gui/geometry.hpp"

namespace connectsphere::gui {

enum class Layout {
    grid,       // all alike
    speaker,    // the first one large, the others in a strip
    focus,      // one alone; the others are its pages
    presenter,  // a shared screen large, people in a rail
};
std::string_view name(Layout layout);

struct StageRequest {
    Rect area;
    Layout layout = Layout::grid;
    int people = 0;       // number 0 is the main one of speaker and focus
    int page = 0;         // beyond the last: the last
    int gap = 8;          // pixels between tiles, and around them
    int narrowest = 112;  // pixels: a face can not be told in less
};

struct Tile {
    int person = 0;
    Rect rect;

    bool operator==(const Tile&) const = default;
};

struct Stage {
    std::vector<Tile> tiles;
    std::optional<Rect> screen;  // presenter: where the shared screen is
    int page = 0;
    int pages = 1;
};

constexpr int kMostInGrid = 16;  // on one page

Stage arrange(const StageRequest& request);

// What is chosen where nobody has chosen.
struct Occasion {
    bool has_screen = false;
    bool has_pin = false;
    int people = 0;
};
Layout choose_layout(const Occasion& occasion);

}  // namespace connectsphere::gui
