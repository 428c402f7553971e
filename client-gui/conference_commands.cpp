// What the window commands, carried out on the conference's thread.
#include <fstream>

#include "client-gui/conference.hpp"
#include "lib/base/overloaded.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/sound_devices.hpp"
#include "lib/client/transcript.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr Duration kLookGap = 250ms;         // between two of our wishes to see somebody
constexpr std::uint32_t kMostHistory = 500;  // that the server gives at once
constexpr std::uint32_t kMostFound = 100;

}  // namespace

void Conference::handle(const Command& command) {
    std::visit(Overloaded{[this](const Connect& c) { connect(c); },
                          [this](const Trust& c) {
                              const client::Pins pins(client::Pins::default_file());
                              if (const auto kept = pins.remember(c.server, c.fingerprint); !kept)
                                  tell_(DeviceFault{"The fingerprint could not be remembered: " +
                                                    kept.error().what});
                          },
                          [this](const Preview& c) {
                              if (!runner_) preview_.show(c);
                          },
                          [this](const FindDevices&) { finder_.find(); }, [](const auto&) {}},
               command);
    if (!runner_) return;
    change_media(command);
    ask_session(command);
    ask_desks(command);
}

// ---- what is sent and seen

void Conference::change_media(const Command& command) {
    std::visit(Overloaded{[this](const SetMedia& c) { set_media(c); },
                          [this](const ChangeCamera& c) {
                              has_camera_ = c.what != "none";
                              video_power_->choose(c.what);
                              set_media(media_);
                          },
                          [this](const ChangeMicrophone& c) { change_microphone(c.what); },
                          [this](const ChangeLoudspeaker& c) {
                              auto sink = client::open_audio_sink(c.what);
                              if (!sink) return tell_(DeviceFault{"No sound: " + sink.error().what});
                              runner_->change_loudspeaker(std::move(*sink));
                          },
                          [this](const ShowLevel& c) {
                              meter_ = {};
                              c.is_on ? level_timer_.set(net::now()) : level_timer_.cancel();
                          },
                          [this](const LookAt& c) {
                              look_ = c;
                              if (!look_timer_.is_armed()) look_timer_.set(net::now() + kLookGap);
                          },
                          [](const auto&) {}},
               command);
}

void Conference::set_media(const SetMedia& media) {
    media_ = media;
    runner_->set_muted(media.microphone_muted, media.camera_off || !has_camera_);
    video_power_->set(!media.camera_off);
}

void Conference::change_microphone(const std::string& what) {
    auto source = client::open_audio_source(what);
    if (!source) return tell_(DeviceFault{"No microphone: " + source.error().what});
    const bool is_real = client::is_microphone(what);
    runner_->change_microphone(std::move(*source),
                               is_real ? std::optional(options_.voice_processing) : std::nullopt);
}

// ---- what the server is asked for

void Conference::ask_session(const Command& command) {
    const auto act = [this](auto action) { runner_->act(action); };
    std::visit(
        Overloaded{
            [&](const Say& c) { act([&](auto& s, auto& out) { s.chat(c.text, {c.to}, out); }); },
            [&](const EditChat& c) {
                act([&](auto& s, auto& out) { s.edit_chat({c.message}, c.text, out); });
            },
            [&](const DeleteChat& c) { act([&](auto& s, auto& out) { s.delete_chat({c.message}, out); }); },
            [&](const React& c) { act([&](auto& s, auto& out) { s.react(c.emoji, out); }); },
            [&](const RaiseHand& c) { act([&](auto& s, auto& out) { s.raise_hand(c.raised, out); }); },
            [&](const MuteOther& c) {
                act([&](auto& s, auto& out) { s.mute({c.session}, c.microphone, c.camera, out); });
            },
            [&](const LowerHand& c) { act([&](auto& s, auto& out) { s.lower_hand({c.session}, out); }); },
            [&](const SetRole& c) { act([&](auto& s, auto& out) { s.set_role({c.session}, c.role, out); }); },
            [&](const RemoveOther& c) { act([&](auto& s, auto& out) { s.remove({c.session}, {}, out); }); },
            [&](const SetRoomPassword& c) {
                act([&](auto& s, auto& out) { s.set_room_password(c.password, out); });
            },
            [&](const Leave&) { act([](auto& s, auto& out) { s.leave(out); }); },
            [&](const FetchHistory& c) { ask_history({}, c.limit, {}); },
            [&](const SearchHistory& c) { ask_history({.is_search = true}, kMostFound, c.text); },
            [&](const SaveHistory& c) { ask_history({.file = c.path}, kMostHistory, {}); },
            [](const auto&) {}},
        command);
}

void Conference::ask_history(HistoryWish wish, std::uint32_t limit, const std::string& search) {
    asked_.push_back(std::move(wish));
    proto::GetHistory query;
    query.set_limit(limit);
    query.set_search(search);
    runner_->act([&](auto& session, auto& out) { session.get_history(query, out); });
}

// Answers come in the order of the questions. False: the window wants it as any other.
bool Conference::take_history(const proto::History& history) {
    if (asked_.empty()) return false;
    const auto wish = std::move(asked_.front());
    asked_.pop_front();
    if (wish.is_search) tell_(SearchResult{history});
    if (!wish.file.empty()) save_history(wish.file, history);
    return wish.is_search || !wish.file.empty();
}

void Conference::save_history(const std::string& path, const proto::History& history) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << client::transcript(history);
    file.close();
    if (!file) return tell_(HistorySaved{.text = "Can not write " + path});
    auto text = std::to_string(history.messages_size());
    text += history.messages_size() == 1 ? " message was saved" : " messages were saved";
    if (history.more()) text += ", the newest ones";
    tell_(HistorySaved{.text = text, .is_saved = true});
}

// ---- screen and files

void Conference::ask_desks(const Command& command) {
    std::visit(Overloaded{[this](const ShareScreen& c) { screen().share(c); },
                          [this](const StopSharing&) { screen().stop_sharing(); },
                          [this](const GrantScreen& c) { screen().grant({c.session}); },
                          [this](const FindScreens&) { tell_(ScreensFound{screens_to_share()}); },
                          [this](const SendFile& c) { files().send(c); },
                          [this](const GetFile& c) { files().get(c.id); },
                          [this](const RemoveFile& c) { files().remove(c.id); },
                          [this](const ListFiles&) { files().list(); }, [](const auto&) {}},
               command);
}

}  // namespace connectsphere::gui
