// The buttons of a call, and what opens above them.
#include <array>
#include <optional>
#include <vector>

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr std::array<const char*, 10> kReactions{"👍", "👏", "❤️", "😂", "😮", "🎉", "🤔", "👋", "🔥", "😢"};

Button panel_button(const State& state, Panel panel, Icon icon, std::string tip, int count) {
    Button button{.action = {.does = Does::toggle_panel, .id = static_cast<std::uint64_t>(panel)},
                  .name = std::string(name(panel)),
                  .tip = std::move(tip),
                  .icon = icon,
                  .count = count};
    if (state.panel == panel) {
        button.colour = theme_named(state.theme).accent;
        button.ink = theme_named(state.theme).on_accent;
    }
    return button;
}

Button popup_button(Popup popup, std::string name, Icon icon, std::string tip) {
    return {.action = {.does = Does::toggle_popup, .id = static_cast<std::uint64_t>(popup)},
            .name = std::move(name),
            .tip = std::move(tip),
            .icon = icon};
}

const char* share_tip(const State& state) {
    switch (state.sharing) {
        case Sharing::State::on:
            return "Stop sharing (S)";
        case Sharing::State::waiting:
            return "Do not wait any more (S)";
        default:
            return "Share your screen (S)";
    }
}

std::vector<Button> own_part(const State& state, const Theme& theme) {
    const auto* self = state.call.person(state.call.self());
    const bool is_dark = state.camera_off || !has_camera(state);
    const bool has_hand = self && self->hand_raised_at != 0;
    Button microphone{.action = {.does = Does::toggle_microphone},
                      .name = "microphone",
                      .tip = state.microphone_muted ? "Unmute (M), or hold Space to talk" : "Mute (M)",
                      .icon = state.microphone_muted ? Icon::microphone_off : Icon::microphone};
    Button camera{.action = {.does = Does::toggle_camera},
                  .name = "camera",
                  .tip = !has_camera(state) ? "No camera: choose one (V)"
                         : state.camera_off ? "Camera on (V)"
                                            : "Camera off (V)",
                  .icon = is_dark ? Icon::camera_off : Icon::camera};
    Button hand{.action = {.does = Does::toggle_hand},
                .name = "hand",
                .tip = has_hand ? "Lower your hand (H)" : "Raise your hand (H)",
                .icon = Icon::hand};
    Button share{.action = {.does = Does::toggle_screen},
                 .name = "share",
                 .tip = share_tip(state),
                 .icon = Icon::screen};
    if (state.sharing == Sharing::State::on) share.colour = theme.danger, share.ink = 0xFFFFFFFF;
    if (state.sharing == Sharing::State::waiting) share.colour = theme.accent, share.ink = theme.on_accent;
    if (state.microphone_muted) microphone.colour = theme.danger, microphone.ink = 0xFFFFFFFF;
    if (state.is_pushing_to_talk) microphone.colour = theme.good, microphone.ink = 0xFF06251A;
    if (is_dark) camera.colour = theme.danger, camera.ink = 0xFFFFFFFF;
    if (has_hand) hand.colour = theme.hand, hand.ink = theme.on_hand;
    return {microphone, camera, share, hand,
            popup_button(Popup::reactions, "reactions", Icon::smile, "React (R)")};
}

Icon layout_icon(const State& state) {
    switch (current_layout(state)) {
        case Layout::grid:
            return Icon::grid;
        case Layout::focus:
            return Icon::focus;
        default:
            return Icon::speaker;
    }
}

// Above the toolbar, in its middle.
Rect popup_card(Builder& b, const CallAreas& areas, Size size) {
    return b.card({std::max(b.px(4), areas.stage.x + (areas.stage.width - size.width) / 2),
                   areas.toolbar.y - size.height - b.px(8),
                   std::min(size.width, b.around.window.width - b.px(8)), size.height});
}

void view_reactions(Builder& b, const CallAreas& areas) {
    const int columns = areas.stage.width < b.px(520) ? 5 : 10;
    const int rows = static_cast<int>(kReactions.size()) / columns;
    const int side = b.px(44), gap = b.px(4);
    auto card =
        popup_card(b, areas, {columns * (side + gap) + gap + b.px(8), rows * (side + gap) + gap + b.px(8)});
    card = card.inset(b.px(4));
    for (std::size_t i = 0; i < kReactions.size(); ++i) {
        const auto at = static_cast<int>(i);
        const Rect rect{card.x + gap + at % columns * (side + gap),
                        card.y + gap + at / columns * (side + gap), side, side};
        if (b.is_hovered(rect)) b.scene.fill(rect, b.theme.hover, b.px(10));
        const auto emoji_style = b.style(26, Weight::normal, Align::centre);
        const int high = b.text_height(kReactions[i], emoji_style, 0);
        b.scene.text({rect.x, rect.y + (side - high) / 2, side, high}, kReactions[i], b.theme.text,
                     emoji_style);
        std::string name = "react ";
        name += kReactions[i];
        b.spot(rect, {.does = Does::react, .text = kReactions[i]}, name);
    }
}

void view_layouts(Builder& b, const CallAreas& areas) {
    struct Row {
        const char* label;
        Icon icon;
        std::optional<Layout> layout;
    };
    static const std::array<Row, 5> kRows{{{"Automatic", Icon::check, std::nullopt},
                                           {"Grid", Icon::grid, Layout::grid},
                                           {"Speaker", Icon::speaker, Layout::speaker},
                                           {"Focus", Icon::focus, Layout::focus},
                                           {"Presenter", Icon::screen, Layout::presenter}}};
    auto card = popup_card(b, areas, {b.px(200), b.px(12) + static_cast<int>(kRows.size()) * b.px(40)});
    card = card.inset(b.px(6));
    for (const auto& row : kRows) {
        const bool is_chosen = b.state.layout == row.layout;
        b.button({.rect = card.take_top(b.px(40)).inset(b.px(2)),
                  .action = {.does = Does::set_layout,
                             .id = row.layout ? static_cast<std::uint64_t>(*row.layout) : Action::kAutomatic},
                  .name = std::string("layout ") + row.label,
                  .label = row.label,
                  .icon = row.icon,
                  .colour = is_chosen ? b.theme.accent : 0,
                  .ink = is_chosen ? b.theme.on_accent : 0,
                  .is_flat = true});
    }
}

void view_leave(Builder& b) {
    auto card = b.dialog({b.px(360), b.px(150)}).inset(b.px(24));
    const auto title_style = b.style(19, Weight::bold);
    b.scene.text(card.take_top(b.text_height("Ág", title_style, 0)), "Leave the call?", b.theme.text,
                 title_style);
    auto buttons = card.take_bottom(b.px(40));
    b.button({.rect = buttons.take_right(b.px(110)),
              .action = {.does = Does::leave_now},
              .name = "leave now",
              .label = "Leave",
              .colour = b.theme.danger,
              .ink = 0xFFFFFFFF});
    buttons.take_right(b.px(10));
    b.button({.rect = buttons.take_right(b.px(110)),
              .action = {.does = Does::dismiss},
              .name = "stay",
              .label = "Stay"});
}

// For the host: who knows the room's password comes in.
void view_password(Builder& b) {
    auto card = b.dialog({b.px(400), b.px(210)}).inset(b.px(22));
    const auto title_style = b.style(19, Weight::bold);
    b.scene.text(card.take_top(b.text_height("Ág", title_style, 0)), "Password of this room", b.theme.text,
                 title_style);
    card.take_top(b.px(12));
    b.field(card.take_top(b.px(38)), kRoomPassword, "Empty: anybody may come in", "room password");
    auto buttons = card.take_bottom(b.px(40));
    const bool is_empty = b.state.room_password.empty();
    b.button({.rect = buttons.take_right(b.px(150)),
              .action = {.does = Does::set_password},
              .name = "set password",
              .label = is_empty ? "No password" : "Set password",
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    buttons.take_right(b.px(10));
    b.button({.rect = buttons.take_right(b.px(100)),
              .action = {.does = Does::dismiss},
              .name = "keep password",
              .label = "Cancel"});
}

}  // namespace

void view_toolbar(Builder& b, const CallAreas& areas) {
    const auto& bar = areas.toolbar;
    const bool is_small = bar.width < b.px(720);
    b.scene.fill(bar, b.theme.surface);
    b.scene.fill({bar.x, bar.y, bar.width, b.px(1)}, b.theme.line);
    const auto& call = b.state.call;
    auto left = own_part(b.state, b.theme);
    std::vector<Button> right{popup_button(Popup::layouts, "layout", layout_icon(b.state), "Layout (L)"),
                              panel_button(b.state, Panel::chat, Icon::chat, "Chat (C)", call.unread()),
                              panel_button(b.state, Panel::people, Icon::people, "People (P)", 0),
                              panel_button(b.state, Panel::files, Icon::file, "Files (U)", call.new_files()),
                              popup_button(Popup::settings, "settings", Icon::settings, "Settings"),
                              Button{.action = {.does = Does::leave},
                                     .name = "leave",
                                     .tip = "Leave (Esc)",
                                     .icon = Icon::leave,
                                     .colour = b.theme.danger,
                                     .ink = 0xFFFFFFFF}};
    const int count = static_cast<int>(left.size() + right.size());
    const int gap = is_small ? b.px(3) : b.px(8), middle = is_small ? 0 : b.px(28);
    const int side = std::min(bar.height - b.px(12), (bar.width - 2 * gap - count * gap) / count);
    int x = bar.x + (bar.width - count * side - (count - 1) * gap - middle) / 2;
    const auto place = [&](Button& button) {
        button.rect = {x, bar.y + (bar.height - side) / 2, side, side};
        button.is_round = true;
        b.button(button);
        x += side + gap;
    };
    for (auto& button : left) place(button);
    x += middle;
    for (auto& button : right) place(button);
}

void view_popup(Builder& b, const CallAreas& areas) {
    switch (b.state.popup) {
        case Popup::none:
            return;
        case Popup::reactions:
            return view_reactions(b, areas);
        case Popup::layouts:
            return view_layouts(b, areas);
        case Popup::settings:
            return view_settings(b);
        case Popup::leave:
            return view_leave(b);
        case Popup::share:
            return view_share(b, areas);
        case Popup::password:
            return view_password(b);
    }
}

}  // namespace connectsphere::gui
