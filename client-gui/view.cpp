#include "client-gui/view.hpp"

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kToolbarHeight = 68, kSmallToolbarHeight = 52, kTopBarHeight = 40;
constexpr int kPanelWidth = 330, kNarrowStage = 400;
constexpr int kSmallHeight = 480;

void view_top_bar(Builder& b, const CallAreas& areas) {
    if (areas.top_bar.empty()) return;
    const auto& call = b.state.call;
    auto bar = areas.top_bar;
    const auto room_style = b.style(15, Weight::bold);
    const auto dim_style = b.style(13);
    const int high = b.text_height(call.room(), room_style, 0), dim_high = b.text_height("Ág", dim_style, 0);
    bar.take_left(b.px(16));
    const int room_width = std::min(b.text_width(call.room(), room_style) + b.px(2), bar.width / 2);
    b.scene.text({bar.x, bar.y + (bar.height - high) / 2, room_width, high}, call.room(), b.theme.text,
                 room_style);
    bar.take_left(room_width + b.px(12));
    const auto count = call.people().size();
    auto people = std::to_string(count);
    people += count == 1 ? " person" : " people";
    const auto* self = call.person(call.self());
    if (self && !self->quality.reason.empty()) people += "   ·   " + self->quality.reason;
    b.scene.text({bar.x, bar.y + (bar.height - dim_high) / 2, std::max(0, bar.width - b.px(16)), dim_high},
                 people, b.theme.dim, dim_style);
}

void view_panel(Builder& b, const CallAreas& areas) {
    if (areas.panel.empty()) return;
    b.scene.fill(areas.panel, b.theme.surface);
    b.scene.fill({areas.panel.x, areas.panel.y, b.px(1), areas.panel.height}, b.theme.line);
    auto inside = areas.panel;
    inside.take_left(b.px(1));
    // What is behind a panel that covers the stage does not react.
    b.spot(areas.panel, {}, "panel", {}, false);
    auto header = inside.take_top(b.px(48));
    static constexpr const char* kTitles[] = {"", "Chat", "People", "Files"};
    const auto title_style = b.style(17, Weight::bold);
    const auto* title = kTitles[static_cast<std::size_t>(b.state.panel)];
    const int high = b.text_height(title, title_style, 0);
    b.scene.text({header.x + b.px(16), header.y + (header.height - high) / 2, header.width - b.px(144), high},
                 title, b.theme.text, title_style);
    b.button({.rect = centred({b.px(32), b.px(32)}, header.take_right(b.px(48))),
              .action = {.does = Does::toggle_panel, .id = static_cast<std::uint64_t>(b.state.panel)},
              .name = "close panel",
              .tip = "Close (Esc)",
              .icon = Icon::close,
              .is_flat = true});
    const auto tool = [&](Icon icon, Does does, const char* name, const char* tip, bool is_on) {
        b.button({.rect = centred({b.px(32), b.px(32)}, header.take_right(b.px(36))),
                  .action = {.does = does},
                  .name = name,
                  .tip = tip,
                  .icon = icon,
                  .ink = is_on ? b.theme.accent : 0,
                  .is_flat = true});
    };
    if (b.state.panel == Panel::chat) {
        tool(Icon::search, Does::toggle_search, "search", "Search what was said", b.state.is_searching);
        tool(Icon::download, Does::save_chat, "save chat", "Save what was said to a file", false);
    }
    if (b.state.panel == Panel::chat) view_chat(b, inside);
    if (b.state.panel == Panel::people) view_people(b, inside);
    if (b.state.panel == Panel::files) view_files(b, inside);
}

void view_call(Builder& b) {
    const auto areas = call_areas(b.around.window, b.px, b.state.panel != Panel::none);
    b.is_behind =
        b.state.popup == Popup::leave || b.state.popup == Popup::settings || b.state.popup == Popup::password;
    view_stage(b, areas);
    view_top_bar(b, areas);
    view_panel(b, areas);
    view_toolbar(b, areas);
    view_sharing(b, areas);
    view_floating(b, areas);
    view_popup(b, areas);
    view_device_list(b);
}

void view_over(Builder& b) {
    auto card = b.dialog({b.px(440), b.px(220)}).inset(b.px(24));
    const auto* ended = b.state.call.ended();
    std::string why = "The call is over.";
    if (ended && ended->why == client::Ended::Why::unreachable)
        why = "The connection was lost, and the server could not be reached again.";
    else if (ended && !ended->text.empty())
        why = ended->text;
    const auto title_style = b.style(20, Weight::bold);
    const int title_high = b.text_height("Ág", title_style, 0);
    b.scene.text(card.take_top(title_high), "You are no longer in the call", b.theme.text, title_style);
    card.take_top(b.px(10));
    auto text_style = b.style(15);
    text_style.wraps = true;
    auto buttons = card.take_bottom(b.px(40));
    b.scene.text(card, why, b.theme.dim, text_style);
    b.button({.rect = buttons.take_right(b.px(130)),
              .action = {.does = Does::join},
              .name = "join again",
              .label = "Join again",
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    buttons.take_right(b.px(10));
    b.button({.rect = buttons.take_right(b.px(110)),
              .action = {.does = Does::go_back},
              .name = "back",
              .label = "Back"});
}

}  // namespace

CallAreas call_areas(Size window, const Scale& px, bool has_panel) {
    Rect rest{0, 0, window.width, window.height};
    CallAreas areas;
    const bool is_small = window.height < px(kSmallHeight);
    if (!is_small) areas.top_bar = rest.take_top(px(kTopBarHeight));
    areas.toolbar = rest.take_bottom(px(is_small ? kSmallToolbarHeight : kToolbarHeight));
    if (has_panel) {
        const bool is_beside = rest.width - px(kPanelWidth) >= px(kNarrowStage);
        auto beside = rest;
        areas.panel = beside.take_right(is_beside ? px(kPanelWidth) : std::min(rest.width, px(420)));
        if (is_beside) rest = beside;
    }
    areas.stage = rest;
    return areas;
}

Stage stage_of(const State& state, const CallAreas& areas, const Scale& px) {
    return arrange({.area = areas.stage,
                    .layout = current_layout(state),
                    .people = static_cast<int>(state.call.people().size()),
                    .page = state.page,
                    .gap = px(8),
                    .narrowest = px(112)});
}

Scene build_scene(const State& state, const Surroundings& around) {
    Builder b(state, around);
    b.scene.fill({0, 0, around.window.width, around.window.height}, b.theme.background);
    if (state.view == View::call) state.region ? view_region(b) : view_call(b);
    if (state.view == View::join) view_join(b);
    if (state.view == View::over) view_over(b);
    view_tip(b);
    return std::move(b.scene);
}

}  // namespace connectsphere::gui
