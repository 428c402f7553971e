// What is said, and files.
#include "client-gui/actions.hpp"
#include "client-gui/text_words.hpp"

namespace connectsphere::gui {

namespace {

constexpr std::uint32_t kEarlierChat = 500;  // messages that are asked for at once

Commands converse(State& state, std::uint64_t with) {
    if (state.conversation != with) stop_editing(state);
    close_search(state);
    state.conversation = with;
    state.scroll = 0;
    state.panel = Panel::chat;
    state.typing = kComposer;
    state.call.set_reading(with);
    return {};
}

Commands send_chat(State& state) {
    const auto text = trimmed(state.composer.text());
    if (text.empty()) return {};
    const auto edited = state.editing;
    stop_editing(state);
    state.composer.clear();
    state.scroll = 0;
    if (edited != 0) return {EditChat{.message = edited, .text = text}};
    return {Say{.text = text, .to = state.conversation}};
}

Commands edit(State& state, std::uint64_t message) {
    for (const auto& line : state.call.lines()) {
        if (line.id != message || !line.is_own) continue;
        close_search(state);
        state.conversation = line.with;
        state.editing = message;
        state.message_acted_on = 0;
        state.composer.set(line.text);
        state.typing = kComposer;
    }
    return {};
}

Commands search(State& state) {
    const auto text = trimmed(state.search.text());
    if (text.empty()) return {};
    state.found.clear();
    state.found_for.reset();
    state.scroll = 0;
    return {SearchHistory{text}};
}

}  // namespace

void close_search(State& state) {
    state.is_searching = false;
    state.search.clear();
    state.found.clear();
    state.found_for.reset();
    if (state.typing == kChatSearch) state.typing = kComposer;
}

void stop_editing(State& state) {
    if (state.editing == 0) return;
    state.editing = 0;
    state.composer.clear();
}

Outcome act_on_chat(State& state, const Action& action, Time now) {
    switch (action.does) {
        case Does::converse:
            return converse(state, action.id);
        case Does::send_chat:
            return send_chat(state);
        case Does::earlier_chat:
            return Commands{FetchHistory{.limit = kEarlierChat}};
        case Does::show_message_actions:
            state.message_acted_on = state.message_acted_on == action.id ? 0 : action.id;
            return Commands{};
        case Does::edit_message:
            return edit(state, action.id);
        case Does::delete_message:
            if (state.editing == action.id) stop_editing(state);
            state.message_acted_on = 0;
            return Commands{DeleteChat{.message = action.id}};
        case Does::toggle_search: {
            const bool opens = !state.is_searching;
            close_search(state);
            state.is_searching = opens;
            state.scroll = 0;
            state.typing = opens ? kChatSearch : kComposer;
            return Commands{};
        }
        case Does::search_chat:
            return search(state);
        case Does::save_chat:
            return Commands{ChooseHistoryFile{}};
        case Does::copy:
            state.message_acted_on = 0;
            state.call.toast(Toast::Kind::note, "Copied", now);
            return Commands{CopyText{.text = action.text}};
        default:
            return std::nullopt;
    }
}

Outcome act_on_files(State& state, const Action& action) {
    switch (action.does) {
        case Does::attach:
            return Commands{ChooseFile{.to = file_receiver(state)}};
        case Does::get_file:
            return Commands{GetFile{.id = action.id}};
        case Does::remove_file:
            return Commands{RemoveFile{.id = action.id}};
        case Does::open_folder:
            return Commands{OpenFolder{}};
        default:
            return std::nullopt;
    }
}

}  // namespace connectsphere::gui
