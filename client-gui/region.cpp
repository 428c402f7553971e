#include "client-gui/region.hpp"

#include <cstdlib>
#include <utility>

namespace connectsphere::gui {

RegionChoice::RegionChoice(Rect screen)
    : screen_(screen),
      chosen_(centred({screen.width / 2, screen.height / 2}, {0, 0, screen.width, screen.height})) {}

void RegionChoice::begin(Point corner) {
    corner_ = {std::clamp(corner.x, 0, screen_.width), std::clamp(corner.y, 0, screen_.height)};
}

// A side that is too short grows to where there is room for it.
void RegionChoice::drag_to(Point corner) {
    const auto side = [](int from, int to, int all) {
        to = std::clamp(to, 0, all);
        const int length = std::clamp(std::abs(to - from), std::min(kLeast, all), all);
        return std::pair(std::clamp(to < from ? from - length : from, 0, all - length), length);
    };
    const auto [x, width] = side(corner_.x, corner.x, screen_.width);
    const auto [y, height] = side(corner_.y, corner.y, screen_.height);
    chosen_ = {x, y, width, height};
}

void RegionChoice::move(int right, int down) {
    chosen_.x = std::clamp(chosen_.x + right, 0, screen_.width - chosen_.width);
    chosen_.y = std::clamp(chosen_.y + down, 0, screen_.height - chosen_.height);
}

void RegionChoice::grow(int right, int down) {
    const auto side = [](int length, int by, int room) {
        return std::clamp(length + by, std::min(kLeast, room), room);
    };
    chosen_.width = side(chosen_.width, right, screen_.width - chosen_.x);
    chosen_.height = side(chosen_.height, down, screen_.height - chosen_.y);
}

std::string RegionChoice::text() const {
    std::string out = "region:";
    out += std::to_string(chosen_.width);
    out += 'x';
    out += std::to_string(chosen_.height);
    out += '+';
    out += std::to_string(screen_.x + chosen_.x);
    out += '+';
    out += std::to_string(screen_.y + chosen_.y);
    return out;
}

Point RegionView::to_screen(Point p) const {
    if (box.empty()) return {};
    return {static_cast<int>(std::int64_t{p.x - box.x} * screen.width / box.width),
            static_cast<int>(std::int64_t{p.y - box.y} * screen.height / box.height)};
}

Rect RegionView::to_window(const Rect& r) const {
    const auto across = [&](int x) { return static_cast<int>(std::int64_t{x} * box.width / screen.width); };
    const auto down = [&](int y) { return static_cast<int>(std::int64_t{y} * box.height / screen.height); };
    const int left = across(r.x), top = down(r.y);
    return {box.x + left, box.y + top, across(r.right()) - left, down(r.bottom()) - top};
}

}  // namespace connectsphere::gui
