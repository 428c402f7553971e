// Camera, microphone and loudspeaker: which one it is, how loud it is, and the list of the others.
#include <array>

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

struct Kind {
    DeviceKind kind;
    Icon icon;
    const char* name;  // for scripts
    const char* none;
};
constexpr std::array<Kind, 3> kKinds{
    {{DeviceKind::camera, Icon::camera, "camera device", "No camera"},
     {DeviceKind::microphone, Icon::microphone, "microphone device", "No microphone"},
     {DeviceKind::speaker, Icon::volume, "loudspeaker device", "No loudspeaker"}}};

const DeviceChoice& choice_of(const State& state, DeviceKind kind) {
    return device_choice(const_cast<JoinCard&>(state.card), kind);  // NOLINT: only read
}

void view_device(Builder& b, const Rect& row, const Kind& kind) {
    const auto& device = choice_of(b.state, kind.kind).device();
    const bool is_none = device.spec == "none";
    b.button({.rect = row,
              .action = {.does = Does::list_devices, .id = static_cast<std::uint64_t>(kind.kind)},
              .name = kind.name,
              .tip = "Choose another",
              .label = is_none ? kind.none : device.label,
              .icon = kind.icon,
              .ink = is_none ? b.theme.dim : b.theme.text});
    const int side = b.px(16);
    b.scene.icon({row.right() - side - b.px(8), row.y + (row.height - side) / 2, side, side}, Icon::down,
                 b.theme.dim);
}

void view_meter(Builder& b, const Rect& bar) {
    b.scene.fill(bar, b.theme.line, bar.height / 2);
    const int width = static_cast<int>(bar.width * std::clamp(b.state.card.level, 0.0, 1.0));
    if (width > bar.height)
        b.scene.fill({bar.x, bar.y, width, bar.height},
                     b.state.card.level > 0.9 ? b.theme.fair : b.theme.good, bar.height / 2);
}

// Below the row that opened it where there is room, else above.
Rect list_place(Builder& b, const Rect& row, int height) {
    const int below = b.around.window.height - row.bottom() - b.px(8), above = row.y - b.px(8);
    height = std::min(height, std::max(below, above));
    const int y = height <= below ? row.bottom() + b.px(4) : row.y - height - b.px(4);
    return {row.x, y, row.width, height};
}

}  // namespace

void view_devices(Builder& b, Rect& box, int row_height) {
    for (const auto& kind : kKinds) {
        view_device(b, box.take_top(row_height), kind);
        box.take_top(b.px(6));
        if (kind.kind != DeviceKind::microphone) continue;
        view_meter(b, box.take_top(b.px(6)));
        box.take_top(b.px(8));
    }
}

void view_device_list(Builder& b) {
    if (!b.state.card.listed || b.is_behind) return;
    const auto& kind = kKinds.at(static_cast<std::size_t>(*b.state.card.listed));
    const auto& choice = choice_of(b.state, kind.kind);
    const auto& spots = b.scene.spots();
    const auto opener =
        std::find_if(spots.begin(), spots.end(), [&](const Spot& spot) { return spot.name == kind.name; });
    if (opener == spots.end()) return;
    auto devices = choice.devices;
    if (devices.empty()) devices.push_back(choice.device());
    const int count = static_cast<int>(devices.size());
    auto list = b.card(list_place(b, opener->rect, count * b.px(36) + b.px(8))).inset(b.px(4));
    const int high = std::min(b.px(36), list.height / count);
    for (const auto& device : devices) {
        const bool is_chosen = device.spec == choice.device().spec;
        const auto label = device.spec == "none" ? std::string(kind.none) : device.label;
        b.button({.rect = list.take_top(high).inset(b.px(1)),
                  .action = {.does = Does::choose_device,
                             .id = static_cast<std::uint64_t>(kind.kind),
                             .text = device.spec},
                  .name = std::string("device ") + label,
                  .label = label,
                  .icon = is_chosen ? Icon::check : kind.icon,
                  .colour = is_chosen ? b.theme.accent : 0,
                  .ink = is_chosen ? b.theme.on_accent : 0,
                  .is_flat = true});
    }
}

}  // namespace connectsphere::gui
