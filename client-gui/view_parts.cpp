#include "client-gui/view_parts.hpp"

#include <cstdlib>

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
        scene.stroke(rect.inset(-px(3)), theme.text, px(2), px(kCorner) + px(3));
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

void Builder::field(const Rect& rect, std::uint64_t id, const std::string& hint, const std::string& name) {
    const bool is_focused = typed_into(state) == id && !is_behind;
    scene.fill(rect, theme.raised, px(kCorner));
    scene.stroke(rect, is_focused ? theme.accent : theme.line, is_focused ? px(2) : px(1), px(kCorner));
    spot(rect, {.does = Does::focus_field, .id = id}, name, {}, false);
    const auto text_style = style(15);
    const int line = text_height("Ág", text_style, 0);
    const Rect inside{rect.x + px(10), rect.y + (rect.height - line) / 2, rect.width - px(20), line};
    editable(inside, id, hint, text_style);
}

// One line moves sideways under its cursor where it is too long, several move up.
void Builder::editable(const Rect& inside, std::uint64_t id, const std::string& hint, TextStyle text_style) {
    const bool is_masked = id == kPasswordField || id == kRoomPassword;
    const auto field = is_masked ? masked(field_of(state, id)) : field_of(state, id);
    const bool is_focused = typed_into(state) == id && !is_behind;
    const auto shown = field.shown();
    scene.clip_to(inside);
    if (shown.empty()) scene.text(inside, hint, theme.dim, text_style);
    text_style.is_unbounded = is_focused && !text_style.wraps;
    const int wrap = text_style.wraps ? inside.width : 0;
    const auto all = around.metrics.measure(shown, text_style, wrap);
    const auto caret = around.metrics.caret(shown, text_style, wrap, field.shown_cursor());
    Rect text{inside.x, inside.y, inside.width, std::max(all.height, inside.height)};
    if (text_style.wraps) {
        text.y -= std::clamp(caret.bottom() - inside.height, 0, std::max(0, all.height - inside.height));
    } else if (is_focused) {
        text.width = std::max(all.width + px(4), inside.width);
        text.x -= std::max(0, std::min(caret.x - inside.width + px(8), text.width - inside.width));
    }
    const auto mark = [&](std::size_t from, std::size_t to, auto paint) {
        for (auto line : lines_of(shown, text_style, wrap, from, to)) {
            line.x += text.x, line.y += text.y;
            paint(line);
        }
    };
    if (is_focused)
        mark(field.selection_begin(), field.selection_end(),
             [&](const Rect& line) { scene.fill(line, with_alpha(theme.accent, 0x60)); });
    scene.text(text, shown, theme.text, text_style);
    if (is_focused) {
        mark(field.cursor(), field.cursor() + field.composing().size(), [&](const Rect& line) {
            scene.fill({line.x, line.bottom() - px(2), line.width, px(2)}, theme.text);
        });
        const Rect bar{std::min(text.x + caret.x, inside.right() - px(2)), text.y + caret.y, px(2),
                       caret.height};
        scene.fill(bar, theme.accent);
        scene.set_caret(bar);
    }
    scene.unclip();
    if (!is_behind) scene.text_box({inside, id, text, text_style, shown, is_masked});
}

// Where a part of a text is, line by line.
std::vector<Rect> Builder::lines_of(const std::string& text, const TextStyle& text_style, int wrap,
                                    std::size_t from, std::size_t to) {
    if (from == to) return {};
    const auto a = around.metrics.caret(text, text_style, wrap, from);
    const auto z = around.metrics.caret(text, text_style, wrap, to);
    std::vector<Rect> out;
    for (int y = a.y; y <= z.y; y += std::max(1, a.height)) {
        const int left = y == a.y ? a.x : 0, right = y == z.y ? z.x : wrap;
        out.push_back({std::min(left, right), y, std::abs(right - left), a.height});
    }
    return out;
}

void Builder::centred_text(const Rect& box, const std::string& text, Colour colour, TextStyle text_style) {
    const int high = text_height(text, text_style, 0);
    scene.text({box.x, box.y + (box.height - high) / 2, box.width, high}, text, colour, text_style);
}

Rect Builder::card(const Rect& rect) {
    scene.fill(rect, theme.surface, px(14));
    scene.stroke(rect, theme.line, px(1), px(14));
    spot(rect, {}, "card", {}, false);
    return rect;
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
