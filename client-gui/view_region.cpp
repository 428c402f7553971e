// A part of the screen, while it is being chosen: the screen as it was, darkened where it will not be seen.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

std::string size_of(const Rect& rect) {
    auto out = std::to_string(rect.width);
    out += " × ";
    out += std::to_string(rect.height);
    return out;
}

void view_bar(Builder& b, const RegionView& view, const Rect& chosen) {
    const int width = std::min(b.px(560), view.box.width - b.px(16)), high = b.px(60);
    // Where it covers as little as possible of what is chosen.
    const bool is_low = chosen.bottom() + high + b.px(16) <= view.box.bottom() ||
                        view.box.bottom() - chosen.bottom() >= chosen.y - view.box.y;
    const int y = is_low ? view.box.bottom() - high - b.px(12) : view.box.y + b.px(12);
    auto bar = b.card({view.box.x + (view.box.width - width) / 2, y, width, high}).inset(b.px(10));
    b.button({.rect = bar.take_right(b.px(140)),
              .action = {.does = Does::share_region},
              .name = "share region",
              .tip = "Enter",
              .label = "Share this part",
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    bar.take_right(b.px(8));
    b.button({.rect = bar.take_right(b.px(84)),
              .action = {.does = Does::dismiss},
              .name = "cancel region",
              .tip = "Esc",
              .label = "Cancel"});
    bar.take_left(b.px(6));
    b.centred_text(bar, "Draw over what the others shall see", b.theme.text, b.style(14));
}

}  // namespace

void view_region(Builder& b) {
    const auto& region = *b.state.region;
    const auto view = RegionView::in(b.around.window, region.screen().size());
    const auto picture = b.around.picture(kStillPicture);
    b.scene.fill({0, 0, b.around.window.width, b.around.window.height}, 0xFF000000);
    b.scene.picture(
        {.rect = view.box, .picture = kStillPicture, .version = picture.version, .is_whole = true});
    const auto chosen = view.to_window(region.chosen());
    auto rest = view.box;
    for (const auto& dark :
         {rest.take_top(chosen.y - view.box.y), rest.take_bottom(view.box.bottom() - chosen.bottom()),
          rest.take_left(chosen.x - view.box.x), rest.take_right(view.box.right() - chosen.right())})
        if (!dark.empty()) b.scene.fill(dark, 0x90000000);
    b.scene.stroke(chosen, b.theme.accent, b.px(2));
    b.spot(view.box, {.does = Does::draw_region}, "region", {}, false);
    const auto text = size_of(region.chosen());
    b.pill({chosen.x + b.px(8), chosen.y + b.px(8)}, text, 0xC0101318, 0xFFFFFFFF, Icon::crop,
           std::max(b.px(60), chosen.width - b.px(16)));
    view_bar(b, view, chosen);
}

}  // namespace connectsphere::gui
