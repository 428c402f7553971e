// Settings: devices, colours, sizes; and what the keys do.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

// A line of a setting: its name at the left, its choices at the right.
class Row {
  public:
    Row(Builder& b, Rect rect, const char* label) : b_(b), rest_(rect) {
        b.centred_text({rect.x, rect.y, rect.width / 2, rect.height}, label, b.theme.text, b.style(15));
    }
    // From right to left.
    void choice(int width, const std::string& label, bool is_chosen, Action action) {
        b_.button({.rect = rest_.take_right(b_.px(width)).inset(b_.px(2)),
                   .action = std::move(action),
                   .name = label,
                   .label = label,
                   .colour = is_chosen ? b_.theme.accent : 0,
                   .ink = is_chosen ? b_.theme.on_accent : 0});
    }

  private:
    Builder& b_;
    Rect rest_;
};

void view_keys(Builder& b, const Rect& box) {
    auto text_style = b.style(13);
    text_style.wraps = true;
    const auto text = std::string(
        "M  microphone     V  camera     S  share screen     H  hand\nR  react     L  layout     C  chat     "
        "P  "
        "people     U  files\nSpace  hold to talk     Esc  back, or leave\nTab and Enter reach every "
        "button.");
    if (b.text_height(text, text_style, box.width) <= box.height)
        b.scene.text(box, text, b.theme.dim, text_style);
}

}  // namespace

void view_settings(Builder& b) {
    auto card = b.dialog({b.px(460), b.px(486)});
    const bool is_low = card.height < b.px(420);
    card = card.inset(b.px(is_low ? 12 : 20));
    auto title = card.take_top(b.px(34));
    const auto title_style = b.style(19, Weight::bold);
    b.scene.text(title, "Settings", b.theme.text, title_style);
    b.button({.rect = title.take_right(b.px(32)),
              .action = {.does = Does::dismiss},
              .name = "close settings",
              .tip = "Close (Esc)",
              .icon = Icon::close,
              .is_flat = true});
    card.take_top(b.px(is_low ? 2 : 8));
    view_devices(b, card, b.px(is_low ? 32 : 38));
    const int high = b.px(is_low ? 36 : 44);
    Row colours(b, card.take_top(high), "Colours");
    colours.choice(90, "Light", b.theme.name == "light", {.does = Does::set_theme, .text = "light"});
    colours.choice(90, "Dark", b.theme.name == "dark", {.does = Does::set_theme, .text = "dark"});
    Row sizes(b, card.take_top(high), "Size");
    const auto percent = static_cast<unsigned>(b.state.scale * 100 + 0.5);
    for (const auto step : {200U, 150U, 125U, 100U}) {
        auto label = std::to_string(step);
        sizes.choice(64, label += " %", percent == step, {.does = Does::set_scale, .id = step});
    }
    Row mirror(b, card.take_top(high), "Mirror my picture");
    mirror.choice(90, b.state.is_mirrored ? "On" : "Off", b.state.is_mirrored, {.does = Does::toggle_mirror});
    card.take_top(b.px(8));
    view_keys(b, card);
}

}  // namespace connectsphere::gui
