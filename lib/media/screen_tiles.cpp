#include "lib/media/screen_tiles.hpp"

namespace connectsphere::media {

PixelRect intersect(const PixelRect& a, const PixelRect& b) {
    const int x = std::max(a.x, b.x);
    const int y = std::max(a.y, b.y);
    return {x, y, std::min(a.x + a.width, b.x + b.width) - x, std::min(a.y + a.height, b.y + b.height) - y};
}

PixelRect TileGrid::rect(std::size_t index) const {
    const int column = static_cast<int>(index) % columns_;
    const int row = static_cast<int>(index) / columns_;
    return {column * kTileSide, row * kTileSide, std::min(kTileSide, width_ - column * kTileSide),
            std::min(kTileSide, height_ - row * kTileSide)};
}

bool TileGrid::holds(const ScreenCopy& copy) const {
    const auto& to = copy.to;
    const auto fits = [](int at, int size, int limit) {
        return at >= 0 && at <= limit && size <= limit - at;
    };
    return to.width >= 1 && to.height >= 1 && fits(to.x, to.width, width_) &&
           fits(to.y, to.height, height_) && fits(copy.from_x, to.width, width_) &&
           fits(copy.from_y, to.height, height_);
}

void carry_flags(const TileGrid& grid, const ScreenCopy& copy, TileFlags& flags) {
    const TileFlags before = flags;
    grid.for_each(copy.to, [&](std::size_t index) {
        const auto tile = grid.rect(index);
        const auto part = intersect(tile, copy.to);
        bool flag = part != tile && before[index];
        const PixelRect source{part.x - copy.to.x + copy.from_x, part.y - copy.to.y + copy.from_y, part.width,
                               part.height};
        grid.for_each(source, [&](std::size_t from) { flag = flag || before[from]; });
        flags[index] = flag;
    });
}

}  // namespace connectsphere::media
