// The chat panel: with whom, what was said (the newest at the bottom), and what is being written.
#include <vector>

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kMostComposerLines = 5;

// Everybody, and each person with whom something was said in private.
std::vector<std::uint64_t> conversations(const State& state) {
    std::vector<std::uint64_t> out{0};
    const auto add = [&](std::uint64_t with) {
        if (std::find(out.begin(), out.end(), with) == out.end()) out.push_back(with);
    };
    for (const auto& line : state.call.lines()) add(line.with);
    add(state.conversation);
    return out;
}

void view_conversations(Builder& b, Rect row) {
    const auto all = conversations(b.state);
    if (all.size() < 2) return;
    b.scene.clip_to(row);
    row.take_left(b.px(12));
    for (const auto with : all) {
        const auto& name = b.state.call.name_of(with);
        const bool is_open = with == b.state.conversation;
        const int count = b.state.call.unread(with);
        const int width = std::min(b.px(140), b.text_width(name, b.style(14, Weight::bold)) + b.px(26));
        auto chip = row.take_left(width);
        chip = {chip.x, chip.y + b.px(8), chip.width, b.px(30)};
        b.button({.rect = chip,
                  .action = {.does = Does::converse, .id = with},
                  .name = std::string("conversation ") + name,
                  .label = name,
                  .colour = is_open ? b.theme.accent : 0,
                  .ink = is_open ? b.theme.on_accent : 0,
                  .count = is_open ? 0 : count,
                  .is_round = true});
        row.take_left(b.px(12));
    }
    b.scene.unclip();
}

struct Bubble {
    const ChatLine& line;
    bool has_head;  // who and when
    std::string link;
};

TextStyle wrapped(Builder& b, int size) {
    auto out = b.style(size);
    out.wraps = true;
    return out;
}

int bubble_height(Builder& b, const Bubble& bubble, int width) {
    return b.text_height(bubble.line.text, wrapped(b, 14), width - 2 * b.px(12)) + b.px(16) +
           (bubble.has_head ? b.px(20) : 0) + (bubble.link.empty() ? 0 : b.px(26));
}

void view_bubble(Builder& b, const Bubble& bubble, Rect at) {
    const auto& line = bubble.line;
    const auto text_style = wrapped(b, 14);
    if (bubble.has_head) {
        auto head = line.is_own ? std::string("You") : line.from;
        head += "  ";
        head += clock_text(line.sent_at);
        if (line.is_edited) head += " (edited)";
        auto head_style = b.style(12, Weight::normal, line.is_own ? Align::right : Align::left);
        b.scene.text(at.take_top(b.px(20)), head, b.theme.dim, head_style);
    }
    if (!bubble.link.empty()) {
        auto row = at.take_bottom(b.px(26));
        const int width = b.px(110);
        b.button({.rect = (line.is_own ? row.take_right(width) : row.take_left(width)).inset(b.px(2)),
                  .action = {.does = Does::copy, .text = bubble.link},
                  .name = std::string("copy ") + bubble.link,
                  .label = "Copy link",
                  .ink = b.theme.accent,
                  .is_flat = true});
    }
    const int pad = b.px(12);
    const auto size = b.around.metrics.measure(line.text, text_style, at.width - 2 * pad);
    const int width = std::min(at.width, size.width + 2 * pad + b.px(2));
    const Rect rect{line.is_own ? at.right() - width : at.x, at.y, width, at.height - b.px(2)};
    b.scene.fill(rect, line.is_own ? b.theme.own_bubble : b.theme.raised, b.px(12));
    b.scene.text({rect.x + pad, rect.y + b.px(7), size.width + b.px(2), size.height}, line.text, b.theme.text,
                 text_style);
    b.spot(rect, {.does = Does::copy, .text = line.text}, "message", "Copy", false);
}

void view_lines(Builder& b, const Rect& box) {
    b.scene.clip_to(box);
    std::vector<const ChatLine*> lines;
    for (const auto& line : b.state.call.lines()) {
        if (line.with == b.state.conversation) lines.push_back(&line);
    }
    const int width = box.width - 2 * b.px(12), widest = width * 86 / 100;
    int y = box.bottom() - b.px(6) + b.state.scroll;
    for (std::size_t i = lines.size(); i-- > 0 && y > box.y;) {
        const auto& line = *lines[i];
        const bool follows =
            i > 0 && lines[i - 1]->from == line.from && line.sent_at - lines[i - 1]->sent_at < 120'000;
        const Bubble bubble{line, !follows, find_link(line.text)};
        const int height = bubble_height(b, bubble, widest);
        y -= height + b.px(follows ? 2 : 6);
        if (y >= box.bottom()) continue;
        const int x = box.x + b.px(12) + (line.is_own ? width - widest : 0);
        view_bubble(b, bubble, {x, y, widest, height});
    }
    if (b.state.call.has_earlier_chat() && b.state.conversation == 0 && y > box.y - b.px(40)) {
        b.button({.rect = {box.x + (box.width - b.px(160)) / 2, y - b.px(36), b.px(160), b.px(30)},
                  .action = {.does = Does::earlier_chat},
                  .name = "earlier",
                  .label = "Earlier messages"});
    }
    b.scene.set_overscroll(std::min(b.state.scroll, y - box.y - b.px(44)));
    if (lines.empty()) {
        const auto hint = b.style(14, Weight::normal, Align::centre);
        b.scene.text({box.x, box.y + box.height / 2, box.width, b.px(22)}, "Nothing was said here yet",
                     b.theme.dim, hint);
    }
    b.scene.unclip();
}

void view_composer(Builder& b, Rect row, int text_width) {
    const auto& field = b.state.composer;
    const auto text_style = wrapped(b, 14);
    auto inside = row.inset(b.px(10));
    const auto send = inside.take_right(b.px(36));
    inside.take_right(b.px(6));
    b.scene.fill(inside, b.theme.raised, b.px(12));
    b.scene.stroke(inside, b.state.is_composing ? b.theme.accent : b.theme.line,
                   b.px(b.state.is_composing ? 2 : 1), b.px(12));
    b.spot(inside, {.does = Does::focus_field}, "composer", {}, false);
    const Rect text{inside.x + b.px(12), inside.y + b.px(8), text_width, inside.height - b.px(16)};
    auto hint = std::string("Message ") +
                (b.state.conversation == 0 ? "everybody" : b.state.call.name_of(b.state.conversation));
    b.scene.clip_to(text);
    if (field.empty()) b.scene.text({text.x, text.y, text.width, b.px(22)}, hint, b.theme.dim, b.style(14));
    auto& metrics = b.around.metrics;
    const auto caret = metrics.caret(field.text(), text_style, text.width, field.cursor());
    const int all = metrics.measure(field.text(), text_style, text.width).height;
    const int shift = std::clamp(caret.bottom() - text.height, 0, std::max(0, all - text.height));
    if (!field.selected().empty()) {
        const auto from = metrics.caret(field.text(), text_style, text.width, field.selection_begin());
        const auto to = metrics.caret(field.text(), text_style, text.width, field.selection_end());
        for (int y = from.y; y <= to.y; y += std::max(1, from.height)) {
            const int left = y == from.y ? from.x : 0, right = y == to.y ? to.x : text.width;
            b.scene.fill(
                {text.x + std::min(left, right), text.y + y - shift, std::abs(right - left), from.height},
                with_alpha(b.theme.accent, 0x60));
        }
    }
    b.scene.text({text.x, text.y - shift, text.width, std::max(all, text.height)}, field.text(), b.theme.text,
                 text_style);
    if (b.state.is_composing)
        b.scene.fill({text.x + std::min(caret.x, text.width - b.px(2)), text.y + caret.y - shift, b.px(2),
                      caret.height},
                     b.theme.accent);
    b.scene.unclip();
    const bool can_send = !field.empty();
    b.button({.rect = {send.x, send.bottom() - b.px(36), b.px(36), b.px(36)},
              .action = {.does = Does::send_chat},
              .name = "send",
              .tip = "Send (Enter)",
              .icon = Icon::send,
              .colour = can_send ? b.theme.accent : 0,
              .ink = can_send ? b.theme.on_accent : b.theme.dim,
              .is_round = true});
}

}  // namespace

void view_chat(Builder& b, Rect panel) {
    const int text_width = panel.width - 2 * b.px(10) - b.px(42) - 2 * b.px(12);
    const int line = b.text_height("Ág", b.style(14), 0);
    const int text = std::clamp(b.text_height(b.state.composer.text(), wrapped(b, 14), text_width), line,
                                std::max(line, std::min(kMostComposerLines * line, panel.height / 3)));
    const auto composer = panel.take_bottom(std::max(b.px(56), text + b.px(36)));
    if (conversations(b.state).size() > 1) view_conversations(b, panel.take_top(b.px(46)));
    view_lines(b, panel);
    b.scene.fill({composer.x, composer.y, composer.width, b.px(1)}, b.theme.line);
    view_composer(b, composer, text_width);
}

}  // namespace connectsphere::gui
