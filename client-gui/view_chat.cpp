// The chat panel: with whom, what was said (the newest at the bottom), and what is being written.
#include <vector>

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

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
        head += clock_text(line.sent_at, b.around.today);
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
    if (line.is_own) {
        b.spot(rect, {.does = Does::show_message_actions, .id = line.id}, "own message",
               "Copy, edit or delete");
    } else {
        b.spot(rect, {.does = Does::copy, .text = line.text}, "message", "Copy");
    }
}

// What can be done with one's own message, below it.
void view_message_actions(Builder& b, const ChatLine& line, Rect row) {
    const auto add = [&](int width, const char* label, Icon icon, Action action, Colour ink) {
        auto rect = row.take_right(b.px(width));
        b.button({.rect = rect.inset(b.px(2)),
                  .action = std::move(action),
                  .name = std::string(label) + " message",
                  .label = label,
                  .icon = icon,
                  .ink = ink,
                  .is_flat = true});
    };
    add(98, "Delete", Icon::trash, {.does = Does::delete_message, .id = line.id}, b.theme.danger);
    add(80, "Edit", Icon::pencil, {.does = Does::edit_message, .id = line.id}, b.theme.text);
    add(86, "Copy", Icon::copy, {.does = Does::copy, .text = line.text}, b.theme.text);
}

void view_nothing(Builder& b, const Rect& box, const char* text) {
    b.centred_text(box, text, b.theme.dim, b.style(14, Weight::normal, Align::centre));
}

// From the newest at the bottom upwards, as far as they can be seen.
void view_lines(Builder& b, const Rect& box, const std::vector<const ChatLine*>& lines) {
    b.scene.clip_to(box);
    const int width = box.width - 2 * b.px(12), widest = width * 86 / 100;
    int y = box.bottom() - b.px(6) + b.state.scroll;
    for (std::size_t i = lines.size(); i-- > 0 && y > box.y;) {
        const auto& line = *lines[i];
        const bool follows = i > 0 && !b.state.is_searching && lines[i - 1]->from == line.from &&
                             line.sent_at - lines[i - 1]->sent_at < 120'000;
        const Bubble bubble{line, !follows, find_link(line.text)};
        if (line.is_own && b.state.message_acted_on == line.id) {
            y -= b.px(32);
            view_message_actions(b, line, {box.x + b.px(12), y, width, b.px(30)});
        }
        const int height = bubble_height(b, bubble, widest);
        y -= height + b.px(follows ? 2 : 6);
        if (y >= box.bottom()) continue;
        const int x = box.x + b.px(12) + (line.is_own ? width - widest : 0);
        view_bubble(b, bubble, {x, y, widest, height});
    }
    const bool has_more =
        b.state.call.has_earlier_chat() && b.state.conversation == 0 && !b.state.is_searching;
    if (has_more && y > box.y - b.px(40)) {
        b.button({.rect = {box.x + (box.width - b.px(160)) / 2, y - b.px(36), b.px(160), b.px(30)},
                  .action = {.does = Does::earlier_chat},
                  .name = "earlier",
                  .label = "Earlier messages"});
    }
    b.scene.set_overscroll(std::min(b.state.scroll, y - box.y - b.px(44)));
    b.scene.unclip();
}

void view_conversation(Builder& b, const Rect& box) {
    std::vector<const ChatLine*> lines;
    for (const auto& line : b.state.call.lines()) {
        if (line.with == b.state.conversation) lines.push_back(&line);
    }
    view_lines(b, box, lines);
    if (lines.empty()) view_nothing(b, box, "Nothing was said here yet");
}

void view_search(Builder& b, Rect box) {
    auto row = box.take_top(b.px(50));
    row = {row.x + b.px(12), row.y + b.px(6), row.width - b.px(24), b.px(38)};
    b.button({.rect = row.take_right(b.px(38)),
              .action = {.does = Does::search_chat},
              .name = "search chat",
              .tip = "Search (Enter)",
              .icon = Icon::search,
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    row.take_right(b.px(6));
    b.field(row, kChatSearch, "Words that were said", "search text");
    if (!b.state.found_for) return view_nothing(b, box, "Also finds what was said before you came");
    if (b.state.found.empty()) return view_nothing(b, box, "Nothing was found");
    std::vector<const ChatLine*> lines;
    for (const auto& line : b.state.found) lines.push_back(&line);
    view_lines(b, box, lines);
}

}  // namespace

void view_chat(Builder& b, Rect panel) {
    const auto composer = panel.take_bottom(composer_height(b, panel));
    if (b.state.is_searching) {
        view_search(b, panel);
    } else {
        if (conversations(b.state).size() > 1) view_conversations(b, panel.take_top(b.px(46)));
        view_conversation(b, panel);
    }
    b.scene.fill({composer.x, composer.y, composer.width, b.px(1)}, b.theme.line);
    view_composer(b, composer);
}

}  // namespace connectsphere::gui
