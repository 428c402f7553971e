#include "client-gui/pointer.hpp"

#include <algorithm>

#include "client-gui/actions.hpp"
#include "client-gui/text_words.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kWheelPixels = 60;

const TextBox* box_at(const Scene& scene, Point point) {
    const auto& boxes = scene.text_boxes();
    const auto found = std::find_if(boxes.rbegin(), boxes.rend(),
                                    [&](const TextBox& box) { return box.rect.contains(point); });
    return found == boxes.rend() ? nullptr : &*found;
}

const TextBox* box_of(const Scene& scene, std::uint64_t field) {
    const auto& boxes = scene.text_boxes();
    const auto found =
        std::find_if(boxes.begin(), boxes.end(), [&](const TextBox& box) { return box.field == field; });
    return found == boxes.end() ? nullptr : &*found;
}

// The byte of the field's text that is nearest to the point.
std::size_t byte_at(const State& state, const Pointed& on, const TextBox& box, Point point) {
    const auto byte = on.metrics.byte_at(box.shown, box.style, box.style.wraps ? box.text.width : 0,
                                         {point.x - box.text.x, point.y - box.text.y});
    return box.is_masked ? unmasked(field_of(state, box.field), byte) : byte;
}

void press_text(State& state, const Pointed& on, const TextBox& box, Point point, bool is_double) {
    auto& field = field_of(state, box.field);
    const auto byte = byte_at(state, on, box, point);
    field.compose({}, 0);
    if (is_double && !box.is_masked) return field.select_word(byte);
    field.move_to(byte);
    state.selecting = box.field;
}

// What opens above other things goes when something else is clicked.
void close_menus(State& state, const Spot* spot) {
    const auto does = spot ? spot->action.does : Does::dismiss;
    if (does != Does::nothing && does != Does::list_devices && does != Does::choose_device)
        state.card.listed.reset();
    const bool is_menu =
        state.popup == Popup::reactions || state.popup == Popup::layouts || state.popup == Popup::share;
    constexpr Does kOfMenus[] = {Does::nothing,       Does::toggle_popup, Does::toggle_screen,
                                 Does::react,         Does::set_layout,   Does::share_screen,
                                 Does::choose_region, Does::set_take_over};
    if (is_menu && std::find(std::begin(kOfMenus), std::end(kOfMenus), does) == std::end(kOfMenus))
        state.popup = Popup::none;
}

RegionView region_view(const State& state, const Scene& scene) {
    return RegionView::in(scene.size(), state.region->screen().size());
}

}  // namespace

bool is_on_panel(const Scene& scene, Point point) {
    return std::any_of(scene.spots().begin(), scene.spots().end(),
                       [&](const Spot& spot) { return spot.name == "panel" && spot.rect.contains(point); });
}

Commands press_pointer(State& state, const Pointed& on, Point point, bool is_double) {
    state.focus.reset();
    state.selecting.reset();
    const auto* spot = on.scene.spot_at(point);
    const auto action = spot ? spot->action : Action{};
    if (action.does == Does::draw_region && state.region) {
        state.region->begin(region_view(state, on.scene).to_screen(point));
        return {};
    }
    close_menus(state, spot);
    if (action.does == Does::focus_field) {
        auto commands = apply(state, action, on.now);
        const auto* box = box_at(on.scene, point);
        if (!box) box = box_of(on.scene, action.id);  // beside the text, within its frame
        if (box) press_text(state, on, *box, point, is_double);
        return commands;
    }
    if (!is_on_panel(on.scene, point) && state.popup != Popup::password) state.typing.reset();
    if (action.does == Does::zoom_screen && !is_double) return {};
    return apply(state, action, on.now);
}

void drag_pointer(State& state, const Pointed& on, Point from, Point to) {
    if (state.selecting) {
        if (const auto* box = box_of(on.scene, *state.selecting))
            field_of(state, box->field).move_to(byte_at(state, on, *box, to), true);
        return;
    }
    const auto* spot = on.scene.spot_at(from);
    if (!spot) return;
    if (spot->action.does == Does::draw_region && state.region)
        state.region->drag_to(region_view(state, on.scene).to_screen(to));
    if (spot->action.does == Does::zoom_screen)
        state.zoom.pan({to.x - from.x, to.y - from.y}, on.screen_picture, spot->rect.size());
}

Commands turn_wheel(State& state, const Pointed& on, Point point, int steps) {
    const auto* spot = on.scene.spot_at(point);
    if (is_on_panel(on.scene, point)) {
        const int direction = state.panel == Panel::chat ? steps : -steps;
        state.scroll = std::max(0, state.scroll + direction * kWheelPixels);
    } else if (spot && spot->action.does == Does::zoom_screen) {
        state.zoom.step(steps, on.screen_picture, spot->rect.size());
    } else if (state.view == View::call && state.popup == Popup::none && !state.region) {
        return apply(state, {.does = Does::turn_page, .id = steps < 0 ? std::uint64_t{1} : std::uint64_t{0}},
                     on.now);
    }
    return {};
}

}  // namespace connectsphere::gui
