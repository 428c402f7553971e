// Finds what has scrolled: rows of pixels that stood elsewhere in the picture before. Each column of tiles
// looks for itself, so that a window with a scroll bar and a side bar beside it is found in the middle of a
// screen; all agree on one distance.
#pragma once

#include <vector>

#include "lib/media/screen_tiles.hpp"

namespace connectsphere::media {

// A picture of 32 bits a pixel that somebody else owns.
struct ScreenView {
    const std::uint8_t* data = nullptr;
    int width = 0;
    int height = 0;
    std::size_t stride = 0;

    const std::uint8_t* row(int y) const { return data + static_cast<std::size_t>(y) * stride; }
};

// Copies within `before` that make it more like `now`, which has the same size. `changed` are the tiles that
// differ, ascending. Empty when nothing worth a copy has moved vertically.
std::vector<ScreenCopy> find_scroll(const ScreenView& before, const ScreenView& now, const TileGrid& grid,
                                    const std::vector<std::size_t>& changed);

}  // namespace connectsphere::media
