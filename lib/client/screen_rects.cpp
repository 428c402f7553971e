#include "lib/client/screen_rects.hpp"

#include <algorithm>
#include <cstdint>

namespace connectsphere::client {

namespace {

// A request costs about as much as reading so many pixels: one tile of 64x64.
constexpr std::int64_t kRequestPixels = 4096;

std::int64_t area(const ScreenRect& rect) { return std::int64_t{rect.width} * rect.height; }

// How many pixels are read in vain when the two are read as one.
std::int64_t waste(const ScreenRect& a, const ScreenRect& b) {
    return area(bounds(a, b)) - area(a) - area(b);
}

}  // namespace

bool is_empty(const ScreenRect& rect) { return rect.width <= 0 || rect.height <= 0; }

ScreenRect intersection(const ScreenRect& a, const ScreenRect& b) {
    const int x = std::max(a.x, b.x);
    const int y = std::max(a.y, b.y);
    const ScreenRect both{x, y, std::min(a.x + a.width, b.x + b.width) - x,
                          std::min(a.y + a.height, b.y + b.height) - y};
    return is_empty(both) ? ScreenRect{} : both;
}

ScreenRect bounds(const ScreenRect& a, const ScreenRect& b) {
    const int x = std::min(a.x, b.x);
    const int y = std::min(a.y, b.y);
    return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
}

std::vector<ScreenRect> join_rects(const std::vector<ScreenRect>& rects, const ScreenRect& limits) {
    std::vector<ScreenRect> joined;
    for (const auto& whole : rects) {
        const auto rect = intersection(whole, limits);
        if (is_empty(rect)) continue;
        const auto best = std::min_element(joined.begin(), joined.end(), [&](const auto& a, const auto& b) {
            return waste(a, rect) < waste(b, rect);
        });
        if (best != joined.end() &&
            (joined.size() == kMaxJoinedRects || waste(*best, rect) <= kRequestPixels)) {
            *best = bounds(*best, rect);
        } else {
            joined.push_back(rect);
        }
    }
    return joined;
}

}  // namespace connectsphere::client
