// What the sources of a screen do with rectangles.
#pragma once

#include <vector>

#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

bool is_empty(const ScreenRect& rect);
ScreenRect intersection(const ScreenRect& a, const ScreenRect& b);  // {} where there is none
ScreenRect bounds(const ScreenRect& a, const ScreenRect& b);  // the smallest that holds both; none is empty

// Few rectangles that hold all of `rects` inside `limits`. A display counts damage by the glyph, a reader by
// the request: rectangles are joined where that adds little, and there are never more than kMaxJoinedRects.
// They may overlap.
constexpr std::size_t kMaxJoinedRects = 16;
std::vector<ScreenRect> join_rects(const std::vector<ScreenRect>& rects, const ScreenRect& limits);

}  // namespace connectsphere::client
