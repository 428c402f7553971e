#include "lib/media/move.hpp"

#include <algorithm>
#include <cstring>

namespace connectsphere::media {

namespace {

constexpr int kReach = 48;         // pixels that a thing moves between two looks, in each direction
constexpr int kStretch = 32;       // pixels in a row that are looked for
constexpr int kMinColours = 6;     // changes of colour in them: others are found everywhere
constexpr std::size_t kTries = 8;  // stretches
constexpr std::size_t kMaxOrigins = 8;
constexpr int kMinArea = 4 * kTileSide * kTileSide;

const std::uint8_t* at(const ScreenView& view, int x, int y) {
    return view.row(y) + 4 * static_cast<std::size_t>(x);
}

bool is_same(const ScreenView& before, const ScreenView& now, int from_x, int from_y, int x, int y,
             int width) {
    return std::memcmp(at(before, from_x, from_y), at(now, x, y), 4 * static_cast<std::size_t>(width)) == 0;
}

bool is_busy(const ScreenView& now, int x, int y) {
    int changes = 0;
    for (int i = 1; i < kStretch; ++i)
        changes += std::memcmp(at(now, x + i, y), at(now, x + i - 1, y), 3) != 0;
    return changes >= kMinColours;
}

struct Stretch {
    int x, y;
};

// A busy stretch in the middle of the tile, or near it.
std::optional<Stretch> stretch_in(const ScreenView& now, const PixelRect& tile) {
    if (tile.width < kStretch) return std::nullopt;
    for (int row = 0; row < tile.height; row += 2) {
        const Stretch stretch{tile.x + (tile.width - kStretch) / 2,
                              tile.y + (row + tile.height / 2) % tile.height};
        if (is_busy(now, stretch.x, stretch.y)) return stretch;
    }
    return std::nullopt;
}

// Where it may have stood before; nowhere, if it has not moved or could be from anywhere.
std::vector<Stretch> origins_of(const ScreenView& before, const ScreenView& now, const Stretch& to) {
    std::vector<Stretch> found;
    if (is_same(before, now, to.x, to.y, to.x, to.y, kStretch)) return found;
    for (int y = std::max(to.y - kReach, 0); y <= std::min(to.y + kReach, before.height - 1); ++y) {
        for (int x = std::max(to.x - kReach, 0); x <= std::min(to.x + kReach, before.width - kStretch); ++x) {
            if (!is_same(before, now, x, y, to.x, to.y, 1) ||
                !is_same(before, now, x, y, to.x, to.y, kStretch))
                continue;
            if (found.size() == kMaxOrigins) return {};
            found.push_back({x, y});
        }
    }
    return found;
}

int area_of(const ScreenCopy& copy) { return copy.to.width * copy.to.height; }

// The rectangle around the stretch that has moved as it did, grown along the row and then by rows, or the
// other way round: beside a window the one, below it the other takes in background that happens to fit, and
// then goes no further.
ScreenCopy grown(const ScreenView& before, const ScreenView& now, const Stretch& to, const Stretch& from) {
    const int dx = from.x - to.x, dy = from.y - to.y;
    const auto moved = [&](int x, int y, int width, int height) {
        const bool is_inside = x >= 0 && y >= 0 && x + dx >= 0 && y + dy >= 0 && x + width <= now.width &&
                               x + dx + width <= now.width && y + height <= now.height &&
                               y + dy + height <= now.height;
        for (int row = 0; is_inside && row < height; ++row) {
            if (!is_same(before, now, x + dx, y + row + dy, x, y + row, width)) return false;
        }
        return is_inside;
    };
    const auto widen = [&](PixelRect& rect) {
        for (; moved(rect.x - 1, rect.y, 1, rect.height); ++rect.width) --rect.x;
        while (moved(rect.x + rect.width, rect.y, 1, rect.height)) ++rect.width;
    };
    const auto heighten = [&](PixelRect& rect) {
        for (; moved(rect.x, rect.y - 1, rect.width, 1); ++rect.height) --rect.y;
        while (moved(rect.x, rect.y + rect.height, rect.width, 1)) ++rect.height;
    };
    PixelRect wide{to.x, to.y, kStretch, 1}, high = wide;
    widen(wide);
    heighten(wide);
    heighten(high);
    widen(high);
    const auto& better = wide.width * wide.height > high.width * high.height ? wide : high;
    return {.from_x = better.x + dx, .from_y = better.y + dy, .to = better};
}

}  // namespace

std::optional<ScreenCopy> find_move(const ScreenView& before, const ScreenView& now, const TileGrid& grid,
                                    const std::vector<std::size_t>& changed) {
    std::optional<ScreenCopy> best;
    const std::size_t step = std::max<std::size_t>(changed.size() / kTries, 1);
    for (std::size_t i = step / 2; i < changed.size(); i += step) {
        const auto stretch = stretch_in(now, grid.rect(changed[i]));
        if (!stretch) continue;
        for (const auto& origin : origins_of(before, now, *stretch)) {
            const auto copy = grown(before, now, *stretch, origin);
            if (area_of(copy) >= kMinArea && (!best || area_of(copy) > area_of(*best))) best = copy;
        }
    }
    return best;
}

}  // namespace connectsphere::media
