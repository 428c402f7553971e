// The people, and what of them is to be known at a glance.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr Colour kOverPicture = 0xB0101318;  // behind text that stands on a picture
constexpr Colour kInkOverPicture = 0xFFFFFFFF;

// A crop that loses more than this loses heads.
bool fills(Size picture, const Rect& tile, bool is_main) {
    const double a = static_cast<double>(picture.width) / std::max(1, picture.height);
    const double b = static_cast<double>(tile.width) / std::max(1, tile.height);
    return std::max(a / b, b / a) < (is_main ? 1.1 : 1.45);
}

void view_picture(Builder& b, const Person& person, const Rect& tile, bool is_main) {
    const auto id = person.is_self ? kOwnPicture : person.session;
    const auto picture = b.around.picture(id);
    const bool is_off = person.is_self ? b.state.camera_off : person.camera_off;
    if (picture.version == 0 || is_off || !person.connected) {
        const int side = std::clamp(tile.height * 2 / 5, std::min(b.px(28), tile.height), b.px(140));
        return b.avatar(centred({side, side}, tile), person.name);
    }
    b.scene.picture({.rect = tile,
                     .colour = b.theme.background,
                     .radius = b.px(10),
                     .picture = id,
                     .version = picture.version,
                     .is_mirrored = person.is_self && b.state.is_mirrored,
                     .is_whole = !fills(picture.size, tile, is_main)});
}

// Three bars, as many of them bright as the network deserves.
void view_bars(Builder& b, const Person& person, const Rect& tile) {
    const auto& quality = person.quality;
    if (quality.bars >= 3 && !b.is_hovered(tile)) return;
    const Colour bright = quality.bars >= 3 ? b.theme.good : quality.bars == 2 ? b.theme.fair : b.theme.poor;
    const int width = b.px(4), gap = b.px(2), high = b.px(14);
    const Rect ground{tile.right() - b.px(8) - 3 * width - 2 * gap - b.px(12), tile.y + b.px(8),
                      3 * width + 2 * gap + b.px(12), high + b.px(10)};
    b.scene.fill(ground, kOverPicture, b.px(6));
    for (int bar = 0; bar < 3; ++bar) {
        const int height = high * (bar + 1) / 3;
        b.scene.fill(
            {ground.x + b.px(6) + bar * (width + gap), ground.bottom() - b.px(5) - height, width, height},
            bar < std::max(1, quality.bars) ? bright : with_alpha(kInkOverPicture, 0x50), b.px(1));
    }
    b.spot(ground, {}, "network " + person.name,
           quality.reason.empty() ? "The network is good" : quality.reason, false);
}

void view_names(Builder& b, const Person& person, const Rect& tile) {
    auto name = person.name;
    if (person.is_self) name += " (you)";
    const bool is_muted = person.is_self ? b.state.microphone_muted : person.microphone_muted;
    const int margin = tile.width < b.px(160) ? b.px(5) : b.px(8);
    b.pill({tile.x + margin, tile.bottom() - margin - b.px(24)}, name, kOverPicture, kInkOverPicture,
           is_muted ? Icon::microphone_off : Icon::none, tile.width - 2 * margin);
    if (person.hand_place > 0) {
        b.pill({tile.x + margin, tile.y + margin}, std::to_string(person.hand_place), b.theme.hand,
               b.theme.on_hand, Icon::hand, tile.width - 2 * margin);
    }
    if (!person.connected) {
        b.pill({tile.x + margin, tile.y + tile.height / 2 + tile.height / 5}, "Coming back …", kOverPicture,
               kInkOverPicture, Icon::none, tile.width - 2 * margin);
    }
}

void view_tile(Builder& b, const Person& person, const Rect& tile, bool is_main) {
    b.scene.fill(tile, b.theme.tile, b.px(10));
    view_picture(b, person, tile, is_main);
    if (person.is_speaking) b.scene.stroke(tile, b.theme.speaking, b.px(3), b.px(10));
    const bool is_pinned = b.state.pinned == person.session;
    std::string tip = is_pinned ? "Unpin " : "Pin ";
    tip += person.name;
    b.spot(tile, {.does = Does::pin, .id = person.session}, "tile " + person.name, tip);
    view_names(b, person, tile);
    if (is_pinned || (b.is_hovered(tile) && tile.width > b.px(150))) {
        const int side = b.px(26);
        const Rect pin{tile.right() - b.px(8) - side, tile.bottom() - b.px(8) - side, side, side};
        b.scene.fill(pin, is_pinned ? b.theme.accent : kOverPicture, side / 2);
        b.scene.icon(pin.inset(b.px(6)), Icon::pin, kInkOverPicture);
    }
    view_bars(b, person, tile);
}

void view_screen(Builder& b, const Rect& box) {
    const auto picture = b.around.picture(kScreenPicture);
    b.scene.fill(box, b.theme.tile, b.px(6));
    if (picture.version == 0) return;
    const auto placed = b.state.zoom.place(picture.size, box);
    b.scene.picture({.rect = placed.rect,
                     .picture = kScreenPicture,
                     .version = picture.version,
                     .is_whole = true,
                     .source = placed.source});
    const auto* presenter = b.state.call.person(b.state.presenter);
    if (presenter)
        b.pill({box.x + b.px(8), box.bottom() - b.px(32)}, std::string(presenter->name) + "’s screen",
               kOverPicture, kInkOverPicture, Icon::screen, box.width - b.px(16));
    b.spot(box, {.does = Does::zoom_screen, .id = 2}, "screen",
           "Wheel: zoom. Drag: move. Double click: one pixel for one, or all of it", false);
}

void view_pages(Builder& b, const Rect& area, const Stage& stage) {
    if (stage.pages < 2) return;
    const int side = b.px(36);
    const auto turn = [&](const Rect& rect, Icon icon, std::uint64_t where, const char* tip) {
        b.button({.rect = rect,
                  .action = {.does = Does::turn_page, .id = where},
                  .name = where == 0 ? "page back" : "page on",
                  .tip = tip,
                  .icon = icon,
                  .colour = kOverPicture,
                  .ink = kInkOverPicture,
                  .is_round = true});
    };
    const int y = area.y + (area.height - side) / 2;
    if (stage.page > 0) turn({area.x + b.px(6), y, side, side}, Icon::left, 0, "Page back (Page Up)");
    if (stage.page + 1 < stage.pages)
        turn({area.right() - b.px(6) - side, y, side, side}, Icon::right, 1, "Next page (Page Down)");
    auto text = std::to_string(stage.page + 1);
    text += " / ";
    text += std::to_string(stage.pages);
    const int width = b.text_width(text, b.style(13)) + b.px(20);
    b.pill({area.x + (area.width - width) / 2, area.y + b.px(10)}, text, kOverPicture, kInkOverPicture,
           Icon::none, width);
}

}  // namespace

void view_stage(Builder& b, const CallAreas& areas) {
    const auto stage = stage_of(b.state, areas, b.px);
    const auto order = stage_order(b.state);
    const auto layout = current_layout(b.state);
    if (stage.screen) view_screen(b, *stage.screen);
    for (const auto& tile : stage.tiles) {
        const auto* person = b.state.call.person(order.at(static_cast<std::size_t>(tile.person)));
        const bool is_main = layout == Layout::focus || (layout == Layout::speaker && tile.person == 0);
        if (person) view_tile(b, *person, tile.rect, is_main);
    }
    view_pages(b, areas.stage, stage);
    if (b.state.call.people().size() != 1 || b.state.call.link() != Link::joined) return;
    const auto hint = std::string("You are the first here. Others join the room “") + b.state.call.room() +
                      "” of this server.";
    const auto hint_style = b.style(14, Weight::normal, Align::centre);
    b.scene.text({areas.stage.x, areas.stage.y + b.px(16), areas.stage.width, b.px(22)}, hint, b.theme.dim,
                 hint_style);
}

}  // namespace connectsphere::gui
