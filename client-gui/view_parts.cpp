#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kCorner = 8;

}  // namespace

bool Builder::is_hovered(const Rect& rect) const {
    return !is_behind && state.pointer && rect.contains(*state.pointer);
}

TextStyle Builder::style(int size, Weight weight, Align align) const {
    return {.size = px(size), .weight = weight, .align = align};
}

int Builder::text_width(const std::string& text, const TextStyle& style) {
    return around.metrics.measure(text, style, 0).width;
}

int Builder::text_height(const std::string& text, const TextStyle& style, int width) {
    return around.metrics.measure(text, style, width).height;
}

void Builder::spot(const Rect& rect, Action action, std::string name, std::string tip, bool focusable) {
    if (is_behind) return;
    const auto number = scene.spots().size();
    scene.spot({.rect = rect,
                .action = std::move(action),
                .name = std::move(name),
                .tip = std::move(tip),
                .focusable = focusable});
    if (state.focus == number && scene.spots().size() > number)
        scene.stroke(rect.inset(-px(2)), theme.accent, px(2), px(kCorner) + px(2));
}

void Builder::button(const Button& button) {
    const auto& r = button.rect;
    const bool hovered = is_hovered(r);
    const auto ink = button.ink != 0 ? button.ink : theme.text;
    const int radius = button.is_round ? std::min(r.width, r.height) / 2 : px(kCorner);
    if (button.colour != 0) {
        scene.fill(r, button.colour, radius);
        if (hovered) scene.fill(r, with_alpha(0xFFFFFF, 28), radius);
    } else if (!button.is_flat || hovered) {
        scene.fill(r, hovered ? theme.hover : theme.raised, radius);
    }
    auto inside = r;
    if (button.icon != Icon::none) {
        const int side = std::min(px(20), r.height - px(8));
        const auto box = button.label.empty() ? r : inside.take_left(side + px(20));
        scene.icon(centred({side, side}, box), button.icon, ink);
    }
    if (!button.label.empty()) {
        const bool has_icon = button.icon != Icon::none;
        auto text_style = style(14, Weight::bold, has_icon ? Align::left : Align::centre);
        const int height = text_height(button.label, text_style, 0);
        if (!has_icon) inside = {r.x + px(4), r.y, r.width - px(8), r.height};
        scene.text({inside.x, r.y + (r.height - height) / 2, inside.width - (has_icon ? px(6) : 0), height},
                   button.label, ink, text_style);
    }
    if (button.count > 0) badge({r.right() - px(6), r.y + px(6)}, button.count);
    spot(r, button.action, button.name, button.tip);
}

Rect Builder::pill(Point at, const std::string& text, Colour ground, Colour ink, Icon icon, int most_width) {
    const auto text_style = style(13);
    const int icon_side = icon == Icon::none ? 0 : px(14);
    const int gap = icon == Icon::none ? 0 : px(4);
    const int around_text = 2 * px(8) + icon_side + gap;
    const int height = px(24);
    const int wide = std::min(text_width(text, text_style) + px(2), std::max(0, most_width - around_text));
    const Rect rect{at.x, at.y, std::min(most_width, around_text + wide), height};
    scene.fill(rect, ground, height / 2);
    if (icon != Icon::none)
        scene.icon({rect.x + px(8), rect.y + (height - icon_side) / 2, icon_side, icon_side}, icon, ink);
    const int text_high = text_height(text, text_style, 0);
    scene.text({rect.x + px(8) + icon_side + gap, rect.y + (height - text_high) / 2, wide, text_high}, text,
               ink, text_style);
    return rect;
}

void Builder::badge(Point centre, int count) {
    const auto text = count > 99 ? std::string("99+") : std::to_string(count);
    const auto text_style = style(11, Weight::bold, Align::centre);
    const int height = px(18), width = std::max(height, text_width(text, text_style) + px(10));
    const Rect rect{centre.x - width / 2, centre.y - height / 2, width, height};
    scene.fill(rect, theme.danger, height / 2);
    const int high = text_height(text, text_style, 0);
    scene.text({rect.x, rect.y + (height - high) / 2, width, high}, text, 0xFFFFFFFF, text_style);
}

void Builder::avatar(const Rect& box, const std::string& name) {
    const int side = std::min(box.width, box.height);
    const auto circle = centred({side, side}, box);
    scene.fill(circle, colour_of(name), side / 2);
    TextStyle text_style{.size = std::max(8, side * 2 / 5), .weight = Weight::bold, .align = Align::centre};
    const int high = text_height(initials(name), text_style, 0);
    scene.text({circle.x, circle.y + (side - high) / 2, side, high}, initials(name), 0xFFFFFFFF, text_style);
}

void Builder::field(const Rect& rect, const TextField& field, const std::string& hint, bool is_focused) {
    scene.fill(rect, theme.raised, px(kCorner));
    scene.stroke(rect, is_focused ? theme.accent : theme.line, is_focused ? px(2) : px(1), px(kCorner));
    auto text_style = style(15);
    text_style.is_unbounded = is_focused;
    const int line = text_height("Ág", text_style, 0);
    const Rect inside{rect.x + px(10), rect.y + (rect.height - line) / 2, rect.width - px(20), line};
    if (field.empty()) scene.text(inside, hint, theme.dim, text_style);
    marked_text(inside, field, text_style, is_focused);
}

// One line that moves under its cursor where it is too long.
void Builder::marked_text(const Rect& inside, const TextField& field, const TextStyle& text_style,
                          bool is_focused) {
    const auto& shown = field.text();
    const auto caret_of = [&](std::size_t byte) { return around.metrics.caret(shown, text_style, 0, byte); };
    const int width = text_width(shown, text_style) + px(4);
    const int caret = caret_of(field.cursor()).x;
    const int shift =
        is_focused ? std::max(0, std::min(caret - inside.width + px(8), width - inside.width)) : 0;
    scene.clip_to(inside);
    if (is_focused && field.selection_begin() != field.selection_end()) {
        const int a = caret_of(field.selection_begin()).x, z = caret_of(field.selection_end()).x;
        scene.fill({inside.x + std::min(a, z) - shift, inside.y, std::abs(z - a), inside.height},
                   with_alpha(theme.accent, 0x60));
    }
    const int text_room = is_focused ? std::max(width, inside.width) : inside.width;
    scene.text({inside.x - shift, inside.y, text_room, inside.height}, shown, theme.text, text_style);
    if (is_focused) scene.fill({inside.x + caret - shift, inside.y, px(2), inside.height}, theme.accent);
    scene.unclip();
}

Rect Builder::dialog(Size size) {
    scene.block_spots();
    const Rect all{0, 0, around.window.width, around.window.height};
    scene.fill(all, theme.shade);
    const auto card =
        centred({std::min(size.width, all.width - px(16)), std::min(size.height, all.height - px(8))}, all);
    scene.fill(card, theme.surface, px(14));
    scene.stroke(card, theme.line, px(1), px(14));
    is_behind = false;
    return card;
}

}  // namespace connectsphere::gui
