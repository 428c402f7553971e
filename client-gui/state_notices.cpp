// What the conference tells, and what it changes of what is shown.
#include <cctype>

#include "client-gui/state.hpp"
#include "lib/base/overloaded.hpp"

namespace connectsphere::gui {

namespace {

// The server's words begin small, as those of programs do.
std::string sentence(std::string text) {
    if (text.empty()) return text;
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text.ends_with('.') || text.ends_with('?') ? text : text + ".";
}

// Why it did not work, in words that say what to do.
std::string plain_words(const client::Ended& ended, const JoinCard& card) {
    switch (ended.why) {
        case client::Ended::Why::unreachable:
            return card.fields[JoinCard::server].text() + " does not answer: " + ended.text;
        case client::Ended::Why::refused:
            return sentence(ended.text.empty() ? ended.error.text() : ended.text);
        default:
            return ended.text;
    }
}

// A call that never began: what is wrong is said on the card, where it can be put right.
void did_not_join(JoinCard& card, const client::Ended& ended) {
    card.is_connecting = false;
    if (ended.why == client::Ended::Why::left || card.question) return;
    card.fault = plain_words(ended, card);
    if (ended.error.code() == proto::WRONG_PASSWORD) {
        card.focused = JoinCard::password;
        card.fields[JoinCard::password].select_all();
    }
    if (ended.error.code() == proto::NAME_TAKEN) {
        card.focused = JoinCard::name;
        if (!ended.error.suggestion().empty()) card.fields[JoinCard::name].set(ended.error.suggestion());
    }
}

void remember(std::vector<std::string>& recent, const std::string& server) {
    constexpr std::size_t kRemembered = 5;
    std::erase(recent, server);
    recent.insert(recent.begin(), server);
    if (recent.size() > kRemembered) recent.resize(kRemembered);
}

void enter(State& state, const proto::Joined& joined, Commands& commands) {
    if (state.view != View::call) {
        state.view = View::call;
        state.has_screen = false;
        state.sharing = Sharing::State::off;
        state.presenter = 0;
        state.asking.clear();
        state.region.reset();
        state.typing.reset();
        state.editing = 0;
        state.composer.clear();
        state.card.is_connecting = false;
        state.card.fault.clear();
        state.popup = Popup::none;
        state.panel = Panel::none;
        state.page = 0;
        state.pinned = 0;
        state.conversation = 0;
        remember(state.card.recent, state.card.fields[JoinCard::server].text());
        commands.push_back(KeepSettings{});
    }
    // The server does not know of a new session what the window shows.
    if (!joined.resumed() && (state.microphone_muted || state.camera_off))
        commands.push_back(SetMedia{state.microphone_muted, state.camera_off});
}

// It opens by itself, and what was chosen by hand before is not what one wants to see now.
void show_screen(State& state, const ScreenChange& change, Time now) {
    if (change.is_shown && !state.has_screen) {
        state.layout.reset();
        state.page = 0;
        state.zoom.fit();
        auto text = state.call.name_of(change.presenter);
        text += " shares a screen";
        state.call.toast(Toast::Kind::note, text, now);
    }
    state.has_screen = change.is_shown;
    if (change.is_shown) state.presenter = change.presenter;
}

// Who shows a screen, and who would like to.
void follow_presenter(State& state, const client::Event& event) {
    if (const auto* changed = std::get_if<proto::PresenterChanged>(&event)) {
        state.presenter = changed->session_id();
        if (state.presenter != state.call.self()) state.asking.clear();
    }
    if (const auto* left = std::get_if<proto::ParticipantLeft>(&event))
        std::erase(state.asking, left->session_id());
    if (const auto* asks = std::get_if<proto::PresentingRequested>(&event)) {
        std::erase(state.asking, asks->session_id());
        state.asking.push_back(asks->session_id());
    }
}

void take_search(State& state, const proto::History& history) {
    if (!state.is_searching) return;
    state.found.clear();
    for (const auto& message : history.messages()) state.found.push_back(state.call.line_of(message));
    state.found_for = state.search.text();
    state.scroll = 0;
}

// By somebody else, who may: the own buttons show it, and only oneself turns on again.
void be_muted(State& state, const proto::Muted& muted, Time now, Commands& commands) {
    state.microphone_muted |= muted.microphone();
    state.camera_off |= muted.camera();
    state.is_pushing_to_talk = false;
    commands.push_back(SetMedia{state.microphone_muted, state.camera_off});
    auto text = muted.by_name();
    text += muted.microphone() && muted.camera() ? " turned your microphone and camera off"
            : muted.camera()                     ? " turned your camera off"
                                                 : " muted you";
    state.call.toast(Toast::Kind::note, text, now);
}

void on_event(State& state, const client::Event& event, Time now, Commands& commands) {
    if (const auto* ended = std::get_if<client::Ended>(&event); ended && state.view == View::join) {
        did_not_join(state.card, *ended);
        commands.push_back(preview_of(state.card));
        return;
    }
    if (const auto* chat = std::get_if<proto::ChatMessage>(&event);
        chat && chat->from_session_id() != state.call.self() && state.panel != Panel::chat &&
        !chat->replayed()) {
        state.call.toast(Toast::Kind::note, std::string(chat->from_name()) + ": " + chat->text(), now);
    }
    if (const auto* muted = std::get_if<proto::Muted>(&event)) be_muted(state, *muted, now, commands);
    state.call.on_event(event, now);
    follow_presenter(state, event);
    if (const auto* joined = std::get_if<proto::Joined>(&event)) enter(state, *joined, commands);
    if (const auto* ended = std::get_if<client::Ended>(&event)) {
        state.view = ended->why == client::Ended::Why::left ? View::join : View::over;
        if (state.region) commands.push_back(UncoverScreen{});
        state.region.reset();
        if (state.view == View::join)
            for (auto& command : apply(state, {.does = Does::go_back}, now)) commands.push_back(command);
    }
}

}  // namespace

void notice(State& state, const Notice& notice, Time now, Commands& commands) {
    std::visit(
        Overloaded{
            [&](const client::Event& event) { on_event(state, event, now, commands); },
            [&](const CertificateQuestion& question) {
                state.card.question = question;
                state.card.is_connecting = false;
                if (state.view != View::join) state.view = View::over;
            },
            [&](const QualityReport& report) { state.call.set_quality(report.session, report.quality); },
            [&](const Transfer& transfer) { state.call.on_transfer(transfer, now); },
            [&](const std::vector<SharedFile>& files) { state.call.set_files(files); },
            [&](const ScreenChange& change) { show_screen(state, change, now); },
            [&](const Sharing& sharing) {
                state.sharing = sharing.state;
                if (sharing.state != Sharing::State::on) state.asking.clear();
                const bool is_off = sharing.state == Sharing::State::off;
                if (!sharing.text.empty())
                    state.call.toast(is_off ? Toast::Kind::bad : Toast::Kind::note, sharing.text, now);
            },
            [&](const ScreensFound& found) { state.screens = found.screens; },
            [&](const SearchResult& result) { take_search(state, result.found); },
            [&](const HistorySaved& saved) {
                state.call.toast(saved.is_saved ? Toast::Kind::good : Toast::Kind::bad, saved.text, now);
            },
            [&](const SoundLevel& sound) { state.card.level = sound.level; },
            [&](const DeviceFault& fault) {
                state.card.device_fault = fault.text;
                if (state.view == View::call) state.call.toast(Toast::Kind::bad, fault.text, now);
            },
            [&](const DevicesFound& found) {
                state.card.camera.offer(found.cameras, "No camera");
                state.card.microphone.offer(found.microphones, "No microphone");
                state.card.speaker.offer(found.speakers, "No loudspeaker");
            }},
        notice);
}

}  // namespace connectsphere::gui
