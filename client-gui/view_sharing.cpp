// One's own screen: what of it to share; that it is shared; and who would like the place.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

using Share = Sharing::State;

constexpr int kRow = 40, kLowRow = 34;

bool has_other_presenter(const State& state) {
    return state.presenter != 0 && state.presenter != state.call.self();
}

// Somebody else shows a screen: it is asked for the place, or a moderator takes it.
void view_way(Builder& b, Rect row) {
    const auto& name = b.state.call.name_of(b.state.presenter);
    if (!can_moderate(b.state)) {
        row.take_left(b.px(8));
        return b.centred_text(row, name + " shares a screen, and will be asked for the place", b.theme.dim,
                              b.style(13));
    }
    const auto choice = [&](const Rect& rect, const std::string& label, const char* name_, bool takes) {
        const bool is_chosen = b.state.takes_over == takes;
        b.button({.rect = rect.inset(b.px(2)),
                  .action = {.does = Does::set_take_over, .id = takes ? std::uint64_t{1} : std::uint64_t{0}},
                  .name = name_,
                  .label = label,
                  .colour = is_chosen ? b.theme.accent : 0,
                  .ink = is_chosen ? b.theme.on_accent : 0});
    };
    choice(row.take_left(row.width / 2), "Ask " + name, "ask for the screen", false);
    choice(row, "Take over", "take the screen over", true);
}

const char* shared_text(const State& state) {
    if (state.shared.starts_with("region:")) return "You share a part of your screen";
    if (state.shared.starts_with("window:")) return "You share a window";
    return "You share your screen";
}

std::string waiting_text(const State& state) {
    auto text = std::string("Waiting for ");
    text += has_other_presenter(state) ? state.call.name_of(state.presenter) : "the others";
    text += " to give you the place";
    return text;
}

void view_asking(Builder& b, const CallAreas& areas, std::uint64_t session) {
    const auto text = b.state.call.name_of(session) + " would like to share a screen";
    const int width = std::min(areas.stage.width - b.px(16), b.px(470));
    auto card = b.card({areas.stage.x + (areas.stage.width - width) / 2, areas.toolbar.y - b.px(108), width,
                        b.px(56)})
                    .inset(b.px(10));
    b.button({.rect = card.take_right(b.px(80)),
              .action = {.does = Does::give_screen, .id = session},
              .name = "give the screen",
              .tip = "Your own sharing ends",
              .label = "Give",
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    card.take_right(b.px(6));
    b.button({.rect = card.take_right(b.px(80)),
              .action = {.does = Does::keep_screen, .id = session},
              .name = "keep the screen",
              .label = "Not now"});
    card.take_left(b.px(4));
    b.centred_text(card, text, b.theme.text, b.style(14));
}

}  // namespace

void view_share(Builder& b, const CallAreas& areas) {
    const auto& screens = b.state.screens;
    const bool has_way = has_other_presenter(b.state);
    const int count = static_cast<int>(screens.size()) + 1 + (has_way ? 1 : 0);
    // In a low window in two columns.
    const int most = (areas.toolbar.y - b.px(28)) / b.px(kLowRow);
    const int columns = count > most ? 2 : 1;
    const int high = b.px(count > most ? kLowRow : kRow);
    const int rows = columns == 1 ? count : (has_way ? 1 : 0) + (count - (has_way ? 1 : 0) + 1) / 2;
    const Size size{std::min(b.px(columns * 330), b.around.window.width - b.px(8)), b.px(12) + rows * high};
    const Rect card = b.card({std::max(b.px(4), areas.stage.x + (areas.stage.width - size.width) / 2),
                              areas.toolbar.y - size.height - b.px(8), size.width, size.height});
    auto rest = card.inset(b.px(6));
    if (has_way) view_way(b, rest.take_top(high));
    if (screens.empty()) return b.centred_text(rest, "Looking for screens …", b.theme.dim, b.style(14));
    int place = 0;
    const auto row = [&](Icon icon, const std::string& label, Action action) {
        const int column = place % columns, line = place / columns;
        ++place;
        const Rect rect{rest.x + column * rest.width / columns, rest.y + line * high, rest.width / columns,
                        high};
        b.button({.rect = rect.inset(b.px(2)),
                  .action = std::move(action),
                  .name = std::string("share ") + label,
                  .label = label,
                  .icon = icon,
                  .is_flat = true});
    };
    row(Icon::screen, screens.front().label, {.does = Does::share_screen, .text = screens.front().spec});
    row(Icon::crop, "A part of the screen …", {.does = Does::choose_region});
    for (std::size_t i = 1; i < screens.size(); ++i)
        row(screens[i].spec.starts_with("window:") ? Icon::focus : Icon::screen, screens[i].label,
            {.does = Does::share_screen, .text = screens[i].spec});
}

// Nobody shall forget that others see the own screen.
void view_sharing(Builder& b, const CallAreas& areas) {
    if (b.state.sharing == Share::off) return;
    const bool is_on = b.state.sharing == Share::on;
    const auto ground = is_on ? b.theme.danger : b.theme.accent;
    const Colour ink = is_on ? 0xFFFFFFFF : b.theme.on_accent;
    if (is_on) b.scene.stroke({0, 0, b.around.window.width, b.around.window.height}, b.theme.danger, b.px(4));
    const auto text = is_on ? std::string(shared_text(b.state)) : waiting_text(b.state);
    const auto label = std::string(is_on ? "Stop" : "Cancel");
    const int end = b.text_width(label, b.style(14, Weight::bold)) + b.px(24);
    const int width =
        std::min(areas.stage.width - b.px(16), b.text_width(text, b.style(13)) + b.px(44) + end);
    const Rect bar{areas.stage.x + (areas.stage.width - width) / 2, areas.toolbar.y - b.px(40), width,
                   b.px(32)};
    b.scene.fill(bar, ground, bar.height / 2);
    b.pill({bar.x + b.px(4), bar.y + b.px(4)}, text, ground, ink, Icon::screen, width - end - b.px(8));
    b.button({.rect = {bar.right() - end - b.px(3), bar.y + b.px(3), end, b.px(26)},
              .action = {.does = Does::toggle_screen},
              .name = is_on ? "stop sharing" : "stop waiting",
              .label = label,
              .colour = ink,
              .ink = ground,
              .is_round = true});
    if (!b.state.asking.empty()) view_asking(b, areas, b.state.asking.front());
}

}  // namespace connectsphere::gui
