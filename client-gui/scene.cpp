#include "client-gui/scene.hpp"

#include <algorithm>

namespace connectsphere::gui {

namespace {

Rect visible(const Item& item, const Rect& all) {
    const auto rect = item.clip.empty() ? item.rect : intersection(item.rect, item.clip);
    return intersection(rect, all);
}

// Rectangles that touch each other become one: drawing the gap between them is cheaper than drawing twice.
void add_damage(std::vector<Rect>& rects, Rect rect) {
    if (rect.empty()) return;
    for (std::size_t i = 0; i < rects.size();) {
        if (overlap(rects[i], rect)) {
            rect = bounding(rects[i], rect);
            rects[i] = rects.back();
            rects.pop_back();
            i = 0;
        } else {
            ++i;
        }
    }
    rects.push_back(rect);
}

}  // namespace

void Scene::add(Item item) {
    item.clip = clip_;
    if (!visible(item, {0, 0, size_.width, size_.height}).empty()) items_.push_back(std::move(item));
}

void Scene::fill(Rect rect, Colour colour, int radius) {
    add({.kind = Item::Kind::fill, .rect = rect, .colour = colour, .radius = radius});
}

void Scene::stroke(Rect rect, Colour colour, int width, int radius) {
    add({.kind = Item::Kind::stroke, .rect = rect, .colour = colour, .radius = radius, .width = width});
}

void Scene::text(Rect rect, std::string text, Colour colour, TextStyle style) {
    if (text.empty()) return;
    add({.kind = Item::Kind::text, .rect = rect, .colour = colour, .text = std::move(text), .style = style});
}

void Scene::icon(Rect rect, Icon icon, Colour colour) {
    add({.kind = Item::Kind::icon, .rect = rect, .colour = colour, .icon = icon});
}

void Scene::picture(Item item) {
    item.kind = Item::Kind::picture;
    add(std::move(item));
}

void Scene::spot(Spot spot) {
    if (!clip_.empty()) spot.rect = intersection(spot.rect, clip_);
    if (!spot.rect.empty()) spots_.push_back(std::move(spot));
}

void Scene::block_spots() {
    spots_.clear();
    text_boxes_.clear();
    caret_ = {};
}

const Spot* Scene::spot_at(Point point) const {
    const auto found = std::find_if(spots_.rbegin(), spots_.rend(),
                                    [&](const Spot& spot) { return spot.rect.contains(point); });
    return found == spots_.rend() ? nullptr : &*found;
}

std::vector<Rect> damage(const Scene& before, const Scene& after) {
    const Rect all{0, 0, after.size().width, after.size().height};
    if (before.size() != after.size()) return {all};
    const auto& a = before.items();
    const auto& b = after.items();
    // What was inserted or removed shifts what follows; where both are equally long, they are compared one
    // by one, which is what happens when only pictures are new.
    std::size_t first = 0, last_a = a.size(), last_b = b.size();
    if (a.size() != b.size()) {
        while (first < std::min(a.size(), b.size()) && a[first] == b[first]) ++first;
        while (last_a > first && last_b > first && a[last_a - 1] == b[last_b - 1]) --last_a, --last_b;
    }
    std::vector<Rect> rects;
    if (last_a - first == last_b - first) {
        for (std::size_t i = first; i < last_a; ++i) {
            if (a[i] == b[i]) continue;
            add_damage(rects, visible(a[i], all));
            add_damage(rects, visible(b[i], all));
        }
        return rects;
    }
    for (std::size_t i = first; i < last_a; ++i) add_damage(rects, visible(a[i], all));
    for (std::size_t i = first; i < last_b; ++i) add_damage(rects, visible(b[i], all));
    return rects;
}

}  // namespace connectsphere::gui
