// What floats above everything else and goes by itself: reactions, toasts, tips.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

void view_reaction(Builder& b, const Rect& stage, const FloatingReaction& reaction) {
    const double t =
        std::clamp(seconds(b.around.now - reaction.born) / seconds(CallModel::kReactionLife), 0.0, 1.0);
    const double eased = 1 - (1 - t) * (1 - t) * (1 - t);  // fast at first, then slower
    const auto emoji_style = b.style(42, Weight::normal, Align::centre);
    const auto name_style = b.style(12, Weight::bold, Align::centre);
    const int width = b.px(110);
    const int room = std::max(0, stage.width - width);
    const int high = b.text_height(reaction.emoji, emoji_style, 0);
    const int rise = std::max(0, stage.height - high - b.px(30));
    const Rect rect{stage.x + static_cast<int>(reaction.x * room),
                    stage.bottom() - high - b.px(24) - static_cast<int>(eased * rise), width, high};
    b.scene.text(rect, reaction.emoji, b.theme.text, emoji_style);
    const int wide = std::min(width, b.text_width(reaction.name, name_style) + b.px(14));
    const Rect plate{rect.x + (width - wide) / 2, rect.bottom(), wide, b.px(18)};
    b.scene.fill(plate, 0x90101318, b.px(9));
    const int name_high = b.text_height(reaction.name, name_style, 0);
    b.scene.text({plate.x + b.px(4), plate.y + (plate.height - name_high) / 2, wide - b.px(8), name_high},
                 reaction.name, 0xFFFFFFFF, name_style);
}

// One line in the middle of the stage's top; where the next one goes.
int view_notice(Builder& b, const Rect& stage, int y, const std::string& text, Colour mark) {
    const auto text_style = b.style(14);
    const int high = b.px(36), most = std::max(b.px(60), stage.width - b.px(24));
    const int width = std::min(most, b.text_width(text, text_style) + b.px(40));
    const Rect rect{stage.x + (stage.width - width) / 2, y, width, high};
    b.scene.fill(rect, b.theme.raised, high / 2);
    b.scene.stroke(rect, b.theme.line, b.px(1), high / 2);
    b.scene.fill({rect.x + b.px(14), rect.y + high / 2 - b.px(4), b.px(8), b.px(8)}, mark, b.px(4));
    const int text_high = b.text_height(text, text_style, 0);
    b.scene.text({rect.x + b.px(28), rect.y + (high - text_high) / 2, width - b.px(38), text_high}, text,
                 b.theme.text, text_style);
    return rect.bottom() + b.px(6);
}

// Toasts are one line: of a long message its beginning.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Where files go that are held over the window.
void view_dropping(Builder& b) {
    const Rect all{0, 0, b.around.window.width, b.around.window.height};
    b.scene.fill(all, b.theme.shade);
    b.scene.stroke(all.inset(b.px(12)), b.theme.accent, b.px(3), b.px(14));
    const auto to = file_receiver(b.state);
    const auto text = "Drop to send to " + (to == 0 ? "everybody" : b.state.call.name_of(to));
    b.centred_text(all, text, 0xFFFFFFFF, b.style(20, Weight::bold, Align::centre));
}

}  // namespace

void view_floating(Builder& b, const CallAreas& areas) {
    for (const auto& reaction : b.state.call.reactions()) view_reaction(b, areas.stage, reaction);
    int y = areas.stage.y + b.px(12);
    if (b.state.call.link() == Link::reconnecting)
        y = view_notice(b, areas.stage, y, "The connection was lost. Coming back …", b.theme.fair);
    for (const auto& toast : b.state.call.toasts()) {
        const auto mark = toast.kind == Toast::Kind::good  ? b.theme.good
                          : toast.kind == Toast::Kind::bad ? b.theme.danger
                                                           : b.theme.accent;
        y = view_notice(b, areas.stage, y, first_line(toast.text), mark);
    }
    if (b.state.is_dropping) view_dropping(b);
}

void view_tip(Builder& b) {
    if (!b.state.pointer || b.state.has_keyed_since || b.around.now - b.state.pointer_since < kTipDelay)
        return;
    const auto* spot = b.scene.spot_at(*b.state.pointer);
    if (!spot || spot->tip.empty()) return;
    const auto tip = spot->tip;
    const auto text_style = b.style(13);
    const auto window = b.around.window;
    const int width = std::min(window.width - b.px(8), b.text_width(tip, text_style) + b.px(20)),
              high = b.px(28);
    const int middle = std::min(spot->rect.width, b.px(200)) / 2 + spot->rect.x;
    const int x = std::clamp(middle - width / 2, b.px(4), std::max(b.px(4), window.width - width - b.px(4)));
    const bool is_below = b.state.pointer->y < window.height / 2;
    const int near = spot->rect.height > b.px(80)
                         ? b.state.pointer->y + (is_below ? b.px(20) : -b.px(12))
                         : (is_below ? spot->rect.bottom() + b.px(6) : spot->rect.y - b.px(6));
    const Rect rect{x, std::clamp(is_below ? near : near - high, 0, window.height - high), width, high};
    b.scene.fill(rect, 0xF0101318, b.px(7));
    const int text_high = b.text_height(tip, text_style, 0);
    b.scene.text({rect.x + b.px(10), rect.y + (high - text_high) / 2, width - b.px(20), text_high}, tip,
                 0xFFFFFFFF, text_style);
}

}  // namespace connectsphere::gui
