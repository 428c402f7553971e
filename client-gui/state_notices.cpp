// What the conference tells, and what it changes of what is shown.
#include "client-gui/state.hpp"
#include "lib/base/overloaded.hpp"

namespace connectsphere::gui {

namespace {

// Why it did not work, in words that say what to do.
std::string plain_words(const client::Ended& ended, const std::string& server) {
    switch (ended.why) {
        case client::Ended::Why::unreachable:
            return std::string(server) + " does not answer: " + ended.text;
        case client::Ended::Why::refused:
            return ended.text.empty() ? ended.error.text() : ended.text;
        default:
            return ended.text;
    }
}

// A call that never began: what is wrong is said on the card, where it can be put right.
void did_not_join(JoinCard& card, const client::Ended& ended) {
    card.is_connecting = false;
    if (ended.why == client::Ended::Why::left || card.question) return;
    card.fault = plain_words(ended, card.fields[JoinCard::server].text());
    if (ended.error.code() == proto::WRONG_PASSWORD) card.focused = JoinCard::password;
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
        state.has_screen = state.is_sharing = false;
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
    state.presenter = change.is_shown ? change.presenter : 0;
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
    if (const auto* joined = std::get_if<proto::Joined>(&event)) enter(state, *joined, commands);
    if (const auto* ended = std::get_if<client::Ended>(&event)) {
        state.view = ended->why == client::Ended::Why::left ? View::join : View::over;
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
                state.is_sharing = sharing.is_on;
                if (!sharing.text.empty())
                    state.call.toast(sharing.is_on ? Toast::Kind::note : Toast::Kind::bad, sharing.text, now);
            },
            [&](const ScreensFound& found) { state.screens = found.screens; },
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
