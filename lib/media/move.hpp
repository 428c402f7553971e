// Finds what was moved in any direction by a little: a window that is dragged, a picture that is scrolled
// sideways. Some busy stretches of pixels of the picture now are looked for nearby in the picture before;
// where one is found, the rectangle around it that has moved the same way is a copy.
#pragma once

#include <optional>
#include <vector>

#include "lib/media/scroll.hpp"

namespace connectsphere::media {

std::optional<ScreenCopy> find_move(const ScreenView& before, const ScreenView& now, const TileGrid& grid,
                                    const std::vector<std::size_t>& changed);

}  // namespace connectsphere::media
