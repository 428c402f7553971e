#include "client-gui/zoom.hpp"

#include <cmath>

namespace connectsphere::gui {

double Zoom::fitting(Size screen, Size box) const {
    return std::min({1.0, static_cast<double>(box.width) / std::max(1, screen.width),
                     static_cast<double>(box.height) / std::max(1, screen.height)});
}

double Zoom::shown(Size screen, Size box) const { return factor > 0 ? factor : fitting(screen, box); }

void Zoom::step(int direction, Size screen, Size box) {
    const double least = fitting(screen, box);
    const double wanted = shown(screen, box) * (direction > 0 ? kStep : 1 / kStep);
    if (wanted <= least * 1.01) return fit();
    factor = std::min(wanted, kMost);
    // One pixel for one is what keeps text sharp: a step does not jump over it.
    if (std::abs(factor - 1) < 0.12) factor = 1;
}

void Zoom::pan(Point by, Size screen, Size box) {
    const double scale = shown(screen, box);
    x = std::clamp(x - by.x / (scale * std::max(1, screen.width)), 0.0, 1.0);
    y = std::clamp(y - by.y / (scale * std::max(1, screen.height)), 0.0, 1.0);
}

Zoom::Placed Zoom::place(Size screen, const Rect& box) const {
    if (screen.width <= 0 || screen.height <= 0 || box.empty()) return {{}, {box.x, box.y, 0, 0}};
    const double scale = shown(screen, box.size());
    const auto span = [scale](int pixels, int room, double middle) {
        const int seen = std::clamp(static_cast<int>(std::lround(room / scale)), 1, pixels);
        const int from = static_cast<int>(std::lround(middle * pixels)) - seen / 2;
        return std::pair{std::clamp(from, 0, pixels - seen), seen};
    };
    const auto [x_from, x_seen] = span(screen.width, box.width, x);
    const auto [y_from, y_seen] = span(screen.height, box.height, y);
    const Size size{std::min(box.width, static_cast<int>(std::lround(x_seen * scale))),
                    std::min(box.height, static_cast<int>(std::lround(y_seen * scale)))};
    return {{x_from, y_from, x_seen, y_seen}, centred(size, box)};
}

}  // namespace connectsphere::gui
