// What is being written: a text of some lines, and where it goes.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kMostLines = 5;

TextStyle text_style(Builder& b) {
    auto style = b.style(14);
    style.wraps = true;
    return style;
}

int text_width(Builder& b, const Rect& panel) {
    return panel.width - 2 * b.px(10) - 2 * b.px(42) - 2 * b.px(12);
}

std::string hint(const State& state) {
    return "Message " + (state.conversation == 0 ? "everybody" : state.call.name_of(state.conversation));
}

void view_editing(Builder& b, Rect row) {
    row = {row.x + b.px(16), row.y + b.px(4), row.width - b.px(26), row.height - b.px(4)};
    b.button({.rect = row.take_right(b.px(24)),
              .action = {.does = Does::dismiss},
              .name = "cancel edit",
              .tip = "Leave it as it was (Esc)",
              .icon = Icon::close,
              .is_flat = true});
    b.centred_text(row, "You change what you said", b.theme.accent, b.style(12, Weight::bold));
}

}  // namespace

int composer_height(Builder& b, Rect panel) {
    const int line = b.text_height("Ág", b.style(14), 0);
    const int most = std::max(line, std::min(kMostLines * line, panel.height / 3));
    const int text =
        std::clamp(b.text_height(b.state.composer.shown(), text_style(b), text_width(b, panel)), line, most);
    return std::max(b.px(56), text + b.px(36)) + (b.state.editing != 0 ? b.px(24) : 0);
}

void view_composer(Builder& b, Rect row) {
    if (b.state.editing != 0) view_editing(b, row.take_top(b.px(24)));
    const int width = text_width(b, row);
    const bool is_focused = typed_into(b.state) == kComposer;
    auto inside = row.inset(b.px(10));
    const auto square = [&](Rect column) {
        return Rect{column.x, column.bottom() - b.px(36), b.px(36), b.px(36)};
    };
    const auto send = square(inside.take_right(b.px(36)));
    inside.take_right(b.px(6));
    const auto attach = square(inside.take_right(b.px(36)));
    inside.take_right(b.px(6));
    b.scene.fill(inside, b.theme.raised, b.px(12));
    b.scene.stroke(inside, is_focused ? b.theme.accent : b.theme.line, b.px(is_focused ? 2 : 1), b.px(12));
    b.spot(inside, {.does = Does::focus_field, .id = kComposer}, "composer", {}, false);
    const Rect text{inside.x + b.px(12), inside.y + b.px(8), width, inside.height - b.px(16)};
    b.editable(text, kComposer, hint(b.state), text_style(b));
    b.button({.rect = attach,
              .action = {.does = Does::attach},
              .name = "attach",
              .tip = "Send a file",
              .icon = Icon::attach,
              .is_round = true,
              .is_flat = true});
    const bool can_send = !b.state.composer.empty();
    b.button({.rect = send,
              .action = {.does = Does::send_chat},
              .name = "send",
              .tip = b.state.editing != 0 ? "Change it (Enter)" : "Send (Enter)",
              .icon = b.state.editing != 0 ? Icon::check : Icon::send,
              .colour = can_send ? b.theme.accent : 0,
              .ink = can_send ? b.theme.on_accent : b.theme.dim,
              .is_round = true});
}

}  // namespace connectsphere::gui
