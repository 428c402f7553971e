#include "client-gui/actions.hpp"

#include <algorithm>

namespace connectsphere::gui {

Commands toggle_panel(State& state, Panel panel) {
    state.panel = state.panel == panel ? Panel::none : panel;
    close_search(state);
    state.typing.reset();
    if (state.panel == Panel::chat) state.typing = kComposer;
    state.message_acted_on = 0;
    state.scroll = 0;
    state.focus.reset();
    state.file_search.clear();
    state.call.set_reading(state.panel == Panel::chat ? std::optional(state.conversation) : std::nullopt);
    if (state.panel != Panel::files) return {};
    state.call.mark_files_seen();
    return {ListFiles{}};
}

Commands set_popup(State& state, Popup popup) {
    const bool measured = state.popup == Popup::settings, measures = popup == Popup::settings;
    state.popup = popup;
    state.focus.reset();
    state.card.listed.reset();
    if (popup == Popup::password) state.typing = kRoomPassword;
    if (popup != Popup::password && state.typing == kRoomPassword) state.typing.reset();
    Commands commands;
    if (measures) commands.push_back(FindDevices{});
    if (measures != measured) commands.push_back(ShowLevel{measures});
    if (!measures) state.card.level = 0;
    return commands;
}

Commands dismiss(State& state) {
    if (state.focus) {
        state.focus.reset();
    } else if (state.region) {
        state.region.reset();
        return {UncoverScreen{}};
    } else if (state.card.listed) {
        state.card.listed.reset();
    } else if (state.popup != Popup::none) {
        return set_popup(state, Popup::none);
    } else if (state.editing != 0) {
        stop_editing(state);
    } else if (state.is_searching) {
        close_search(state);
    } else if (state.typing) {
        state.typing.reset();
    } else if (state.panel != Panel::none) {
        return toggle_panel(state, state.panel);
    } else {
        return set_popup(state, Popup::leave);
    }
    return {};
}

Outcome act_on_view(State& state, const Action& action) {
    switch (action.does) {
        case Does::nothing:
            return Commands{};
        case Does::focus_field:
            if (state.view == View::join && action.id < kCardFields) state.card.focused = action.id;
            if (state.view == View::call) state.typing = action.id;
            return Commands{};
        case Does::toggle_panel:
            return toggle_panel(state, static_cast<Panel>(action.id));
        case Does::toggle_popup: {
            const auto popup = static_cast<Popup>(action.id);
            return set_popup(state, state.popup == popup ? Popup::none : popup);
        }
        case Does::set_layout:
            state.layout.reset();
            if (action.id != Action::kAutomatic) state.layout = static_cast<Layout>(action.id);
            state.page = 0;
            return set_popup(state, Popup::none);
        case Does::pin:
            state.pinned = state.pinned == action.id ? 0 : action.id;
            // By hand is by hand: a pin wants to be seen.
            if (state.pinned != 0 && state.layout == Layout::grid) state.layout.reset();
            state.page = 0;
            return Commands{};
        case Does::turn_page:
            state.page = std::max(0, state.page + (action.id == 0 ? -1 : 1));
            return Commands{};
        default:
            return std::nullopt;
    }
}

Outcome act_on_settings(State& state, const Action& action) {
    switch (action.does) {
        case Does::set_theme:
            state.theme = action.text;
            return Commands{KeepSettings{}};
        case Does::set_scale:
            state.scale = std::clamp(static_cast<double>(action.id), 50.0, 400.0) / 100;
            return Commands{KeepSettings{}};
        case Does::toggle_mirror:
            state.is_mirrored = !state.is_mirrored;
            return Commands{KeepSettings{}};
        default:
            return std::nullopt;
    }
}

Commands apply(State& state, const Action& action, Time now) {
    if (action.does == Does::dismiss) return dismiss(state);
    if (action.does == Does::leave) {
        auto commands = state.region ? dismiss(state) : Commands{};
        (void)set_popup(state, Popup::leave);
        return commands;
    }
    if (action.does == Does::leave_now) {
        if (state.view != View::call) return {Quit{}};
        state.popup = Popup::none;
        return {Leave{}};
    }
    for (const auto act : {act_on_view, act_on_self, act_on_screen, act_on_others, act_on_files,
                           act_on_settings, act_on_card, act_on_devices}) {
        if (auto outcome = act(state, action)) return std::move(*outcome);
    }
    return act_on_chat(state, action, now).value_or(Commands{});
}

}  // namespace connectsphere::gui
