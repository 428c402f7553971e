// Rectangles of whole pixels, as the window has them.
#pragma once

#include <algorithm>

namespace connectsphere::gui {

struct Point {
    int x = 0;
    int y = 0;

    bool operator==(const Point&) const = default;
};

struct Size {
    int width = 0;
    int height = 0;

    bool operator==(const Size&) const = default;
};

struct Rect {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    int right() const { return x + width; }
    int bottom() const { return y + height; }
    Size size() const { return {width, height}; }
    bool empty() const { return width <= 0 || height <= 0; }
    bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
    bool contains(const Rect& r) const {
        return r.x >= x && r.y >= y && r.right() <= right() && r.bottom() <= bottom();
    }
    Rect inset(int by) const { return {x + by, y + by, width - 2 * by, height - 2 * by}; }

    // What is cut off the rectangle, which keeps the rest.
    Rect take_left(int by) { return cut({x, y, by, height}, by, 0, by, 0); }
    Rect take_right(int by) { return cut({right() - by, y, by, height}, 0, 0, by, 0); }
    Rect take_top(int by) { return cut({x, y, width, by}, 0, by, 0, by); }
    Rect take_bottom(int by) { return cut({x, bottom() - by, width, by}, 0, 0, 0, by); }

    bool operator==(const Rect&) const = default;

  private:
    Rect cut(Rect piece, int dx, int dy, int dw, int dh) {
        *this = {x + dx, y + dy, width - dw, height - dh};
        return piece;
    }
};

inline Rect intersection(const Rect& a, const Rect& b) {
    const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
    return {x, y, std::min(a.right(), b.right()) - x, std::min(a.bottom(), b.bottom()) - y};
}
inline bool overlap(const Rect& a, const Rect& b) { return !intersection(a, b).empty(); }

inline Rect bounding(const Rect& a, const Rect& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
    return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

inline Rect centred(Size size, const Rect& box) {
    return {box.x + (box.width - size.width) / 2, box.y + (box.height - size.height) / 2, size.width,
            size.height};
}

// The largest rectangle with the sides' ratio of `content` inside the box, in its middle.
inline Rect fit(Size content, const Rect& box) {
    if (content.width <= 0 || content.height <= 0 || box.empty()) return {box.x, box.y, 0, 0};
    const double scale = std::min(static_cast<double>(box.width) / content.width,
                                  static_cast<double>(box.height) / content.height);
    return centred({std::max(1, static_cast<int>(content.width * scale)),
                    std::max(1, static_cast<int>(content.height * scale))},
                   box);
}

// The part of `content` that fills a box of this shape: what a camera's picture loses in a tile.
inline Rect crop(Size content, Size box) { return fit(box, {0, 0, content.width, content.height}); }

}  // namespace connectsphere::gui
