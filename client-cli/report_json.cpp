#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "client-cli/report.hpp"
#include "client-cli/times.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

using json = nlohmann::ordered_json;

// Milliseconds, to the tenth.
double tenths_ms(Duration duration) { return std::round(1e4 * seconds(duration)) / 10; }

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

json describe(const proto::Participant& participant) {
    return {{"session", participant.session_id()},
            {"name", participant.name()},
            {"role", lower(proto::Role_Name(participant.role()))},
            {"connected", participant.connected()},
            {"microphone_muted", participant.microphone_muted()},
            {"camera_off", participant.camera_off()},
            {"hand_raised", participant.hand_raised_at() != 0}};
}

json describe(const google::protobuf::RepeatedPtrField<proto::Participant>& participants) {
    auto list = json::array();
    for (const auto& participant : participants) list.push_back(describe(participant));
    return list;
}

json describe(const proto::Error& error) {
    json out = {{"code", lower(proto::ErrorCode_Name(error.code()))}, {"text", error.text()}};
    if (!error.suggestion().empty()) out["suggestion"] = error.suggestion();
    return out;
}

json describe(const proto::FileInfo& file) {
    json out = {{"id", file.file_id()},
                {"name", file.name()},
                {"version", file.version()},
                {"size", file.size()},
                {"type", file.media_type()},
                {"sha256", to_hex(as_bytes(file.sha256()))},
                {"owner", file.owner_name()},
                {"private", file.to_session_id() != 0},
                {"stored_at", rfc3339(file.stored_at())}};
    if (file.expires_at() != 0) out["expires_at"] = rfc3339(file.expires_at());
    return out;
}

json describe(const proto::ChatMessage& chat) {
    json out = {{"id", chat.message_id()},
                {"from", chat.from_name()},
                {"from_session", chat.from_session_id()},
                {"private", chat.to_session_id() != 0}};
    if (chat.to_session_id() != 0) out["to"] = chat.to_name();
    out["text"] = chat.text();
    out["sent_at"] = rfc3339(chat.sent_at());
    out["replayed"] = chat.replayed();
    if (chat.edited_at() != 0) out["edited_at"] = rfc3339(chat.edited_at());
    return out;
}

std::string_view name_of(client::Ended::Why why) {
    switch (why) {
        case client::Ended::Why::left:
            return "left";
        case client::Ended::Why::refused:
            return "refused";
        case client::Ended::Why::dismissed:
            return "dismissed";
        case client::Ended::Why::unreachable:
            return "unreachable";
        case client::Ended::Why::distrusted:
            return "distrusted";
    }
    return "unknown";
}

// One overload an event: its name and its fields.
struct Describe {
    const client::Session& session;

    json operator()(const proto::Welcome& welcome) const {
        return {
            {"event", "welcome"}, {"server_name", welcome.server_name()}, {"software", welcome.software()}};
    }
    json operator()(const proto::Joined& joined) const {
        return {{"event", "joined"},
                {"session", joined.session_id()},
                {"room", joined.room().name()},
                {"resumed", joined.resumed()},
                {"participants", describe(joined.room().participants())}};
    }
    json operator()(const proto::ParticipantJoined& event) const {
        return {{"event", "participant_joined"}, {"participant", describe(event.participant())}};
    }
    json operator()(const proto::ParticipantUpdated& event) const {
        return {{"event", "participant_updated"}, {"participant", describe(event.participant())}};
    }
    json operator()(const proto::ParticipantLeft& event) const {
        return {{"event", "participant_left"},
                {"session", event.session_id()},
                {"name", event.name()},
                {"reason", lower(proto::LeaveReason_Name(event.reason()))}};
    }
    json operator()(const proto::ChatMessage& chat) const {
        json out = {{"event", "chat"}};
        out.update(describe(chat));
        return out;
    }
    json operator()(const proto::History& history) const {
        auto messages = json::array();
        for (const auto& chat : history.messages()) messages.push_back(describe(chat));
        return {{"event", "history"}, {"messages", messages}, {"more", history.more()}};
    }
    json operator()(const proto::ChatEdited& edited) const {
        json out = {{"event", "chat_edited"}};
        out.update(describe(edited.message()));
        return out;
    }
    json operator()(const proto::ChatDeleted& deleted) const {
        return {{"event", "chat_deleted"}, {"id", deleted.message_id()}};
    }
    json operator()(const proto::RoomList& list) const {
        auto rooms = json::array();
        for (const auto& room : list.rooms()) {
            rooms.push_back(
                {{"name", room.name()}, {"members", room.members()}, {"password", room.has_password()}});
        }
        return {{"event", "rooms"}, {"rooms", rooms}};
    }
    json operator()(const proto::ChatAccepted& accepted) const {
        return {{"event", "chat_accepted"},
                {"id", accepted.message_id()},
                {"sent_at", rfc3339(accepted.sent_at())},
                {"receiver_away", accepted.receiver_away()}};
    }
    json operator()(const proto::Reaction& reaction) const {
        return {{"event", "reaction"},
                {"from", reaction.from_name()},
                {"from_session", reaction.from_session_id()},
                {"emoji", reaction.emoji()}};
    }
    json operator()(const proto::MediaKeys& keys) const {
        return {{"event", "media"},
                {"plane", keys.plane() == proto::PLANE_AUDIO ? "audio" : "video"},
                {"epoch", keys.epoch()}};
    }
    json operator()(const proto::WantedEncodings& wanted) const {
        return {{"event", "wanted_encodings"},
                {"ssrcs", std::vector<std::uint32_t>(wanted.ssrcs().begin(), wanted.ssrcs().end())}};
    }
    json operator()(const proto::Published& published) const {
        return {{"event", "published"}, {"streams", published.streams_size()}};
    }
    json operator()(const proto::Speakers& speakers) const {
        auto sessions = json::array();
        for (const auto id : speakers.session_ids()) sessions.push_back(id);
        return {{"event", "speakers"}, {"sessions", sessions}};
    }
    json operator()(const proto::Muted& muted) const {
        return {{"event", "muted"},
                {"by", muted.by_name()},
                {"by_session", muted.by_session_id()},
                {"microphone", muted.microphone()},
                {"camera", muted.camera()}};
    }
    json operator()(const proto::Room& room) const {
        return {{"event", "who"}, {"room", room.name()}, {"participants", describe(room.participants())}};
    }
    json operator()(const proto::FileAnnounced& event) const {
        return {{"event", "file"}, {"file", describe(event.file())}};
    }
    json operator()(const proto::FileRemoved& event) const {
        return {{"event", "file_removed"}, {"id", event.file_id()}, {"name", event.name()}};
    }
    json operator()(const proto::PresenterChanged& event) const {
        json out = {{"event", "presenter"},
                    {"session", event.session_id() ? json(event.session_id()) : json()},
                    {"name", event.name()}};
        if (event.by_session_id() != 0) out["by_session"] = event.by_session_id();
        return out;
    }
    json operator()(const proto::PresentingRequested& event) const {
        return {{"event", "presenting_requested"}, {"session", event.session_id()}, {"name", event.name()}};
    }
    json operator()(const proto::Ticket&) const { return {}; }
    json operator()(const client::Done& done) const { return {{"event", "done"}, {"what", done.what}}; }
    json operator()(const client::RequestFailed& failed) const {
        json out = {{"event", "error"}, {"what", failed.what}};
        out.update(describe(failed.error));
        if (failed.error.retry_after_ms() != 0) out["retry_after_ms"] = failed.error.retry_after_ms();
        return out;
    }
    json operator()(const client::Disconnected& lost) const {
        return {{"event", "disconnected"},
                {"why", lost.error.text()},
                {"retry_in_ms", milliseconds(lost.retry_at - net::now())}};
    }
    json operator()(const client::Ended& ended) const {
        json out = {{"event", "ended"}, {"why", name_of(ended.why)}, {"text", ended.text}};
        if (ended.why == client::Ended::Why::refused) out.update(describe(ended.error));
        return out;
    }
};

std::string text_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

class JsonReporter : public Reporter {
  public:
    explicit JsonReporter(Print to) : to_(std::move(to)) {}

    void connected(const std::string& server, const std::string& fingerprint, bool is_new) override {
        print({{"event", "connected"},
               {"server", server},
               {"fingerprint", fingerprint},
               {"first_use", is_new}});
    }
    void event(const client::Event& event, const client::Session& session) override {
        auto fields = std::visit(Describe{session}, event);
        if (!fields.empty()) print(std::move(fields));
    }
    void summary(const client::Runner& runner,
                 const std::map<std::uint64_t, PictureCount>& pictures) override {
        const auto& audio = runner.audio_in().stats();
        auto video = json::array();
        for (const auto& [session, count] : pictures) {
            video.push_back({{"session", session}, {"name", count.name}, {"frames", count.frames}});
        }
        std::uint64_t incomplete = 0, corrupt = 0;
        for (const auto& [ssrc, assembler] : runner.video_in().streams()) {
            const auto stats = assembler.stats();
            incomplete += stats.incomplete;
            corrupt += stats.corrupt;
        }
        print({{"event", "summary"},
               {"audio",
                {{"sent", runner.audio_frames_sent()},
                 {"received", audio.received},
                 {"lost", audio.lost},
                 {"concealed", audio.concealed},
                 {"fec_recovered", audio.fec_recovered},
                 {"delay_ms", milliseconds(runner.audio_in().delay())},
                 {"rejected", runner.audio_link().counters().rejected},
                 {"epochs", runner.audio_link().counters().epochs}}},
               {"video",
                {{"sent", runner.video_frames_sent()},
                 {"received", video},
                 {"incomplete", incomplete},
                 {"corrupt", corrupt},
                 {"rejected", runner.video_link().counters().rejected},
                 {"epochs", runner.video_link().counters().epochs}}}});
    }
    void devices(const DeviceList& devices) override {
        const auto list = [](const std::vector<client::AudioDevice>& of) {
            auto out = json::array();
            for (const auto& device : of) {
                out.push_back({{"name", device.name}, {"description", device.description}});
            }
            return out;
        };
        auto monitors = json::array();
        for (const auto& m : devices.monitors) {
            monitors.push_back({{"name", m.name},
                                {"x", m.area.x},
                                {"y", m.area.y},
                                {"width", m.area.width},
                                {"height", m.area.height},
                                {"primary", m.is_primary}});
        }
        auto windows = json::array();
        for (const auto& w : devices.windows) {
            windows.push_back({{"id", client::x11_window_text(w.id)},
                               {"title", w.title},
                               {"width", w.width},
                               {"height", w.height}});
        }
        print({{"event", "devices"},
               {"microphones", list(devices.audio.microphones)},
               {"loudspeakers", list(devices.audio.loudspeakers)},
               {"monitors", monitors},
               {"windows", windows}});
    }
    void offer(const Offer& offer) override {
        json line = {{"event", "sdp"},
                     {"plane", is_video(offer) ? "video" : "audio"},
                     {"epoch", offer.keys.epoch()},
                     {"ssrc", offer.send.value},
                     {"suite", suite_name(offer.keys.profile())},
                     {"send_key", inline_key(offer.keys.to_server())},
                     {"send_sdp", send_sdp(offer)},
                     {"ffmpeg_send", ffmpeg_send_command(offer)},
                     {"gstreamer_send", gstreamer_send_command(offer)}};
        if (offer.receive_port != 0) {
            if (is_video(offer)) line["from"] = offer.from;
            line["receive_sdp"] = receive_sdp(offer);
            line["gstreamer_receive"] = gstreamer_receive_command(offer);
        }
        print(line);
    }
    void network(const client::NetworkFigures& audio) override {
        print({{"event", "network"},
               {"audio",
                {{"rtt_ms", audio.round_trip ? json(tenths_ms(*audio.round_trip)) : json()},
                 {"loss", audio.loss},
                 {"loss_up", audio.loss_up},
                 {"jitter_ms", tenths_ms(audio.jitter)},
                 {"delay_ms", tenths_ms(audio.delay)}}}});
    }
    void file_sent(const proto::FileInfo& file) override {
        print({{"event", "file_sent"}, {"file", describe(file)}});
    }
    void file_fetched(const proto::FileInfo& file, const std::string& path) override {
        print({{"event", "file_fetched"}, {"path", path}, {"file", describe(file)}});
    }
    void file_list(const std::vector<proto::FileInfo>& files) override {
        auto list = json::array();
        for (const auto& file : files) list.push_back(describe(file));
        print({{"event", "files"}, {"files", list}});
    }
    void file_removed(std::uint64_t file_id, const std::string& name) override {
        print({{"event", "file_removed"}, {"id", file_id}, {"name", name}});
    }
    void transfer_progress(const TransferProgress& progress) override {
        print({{"event", "progress"},
               {"name", progress.name},
               {"done", progress.done},
               {"total", progress.total},
               {"bytes_per_second", static_cast<std::uint64_t>(progress.bytes_per_second)}});
    }
    void presenting(const Presenting& presenting) override {
        json line = {{"event", "presenting"}, {"state", presenting.state}};
        if (presenting.state == "viewers") line["viewers"] = presenting.viewers;
        if (!presenting.why.empty()) line["why"] = presenting.why;
        if (!presenting.by.empty()) line["by"] = presenting.by;
        if (!presenting.text.empty()) line["text"] = presenting.text;
        print(line);
    }
    void screen_update(const client::ScreenViewer::Seen& seen) override {
        print({{"event", "screen"},
               {"version", seen.version},
               {"width", seen.width},
               {"height", seen.height},
               {"bytes", seen.bytes},
               {"tiles", seen.tiles},
               {"copies", seen.copies},
               {"age_ms", tenths_ms(seen.age)},
               {"whole", seen.whole},
               {"exact", seen.exact}});
    }
    void screen_pointer(const client::ScreenCursor& cursor) override {
        print({{"event", "pointer"}, {"visible", cursor.visible}, {"x", cursor.x}, {"y", cursor.y}});
    }
    void screen_cleared() override { print({{"event", "screen_cleared"}}); }
    void screen_summary(const ScreenFigures& figures) override {
        print({{"event", "screen_summary"},
               {"presented",
                {{"looks", figures.presented.looks},
                 {"updates", figures.presented.updates},
                 {"bytes", figures.presented.bytes}}},
               {"watched",
                {{"updates", figures.watched.updates},
                 {"bytes", figures.watched.bytes},
                 {"bad_tiles", figures.watched.bad_tiles}}}});
    }
    void exported(const std::string& file, int messages) override {
        print({{"event", "exported"}, {"file", file}, {"messages", messages}});
    }
    void note(std::string_view text) override { to_(Stream::err, text); }
    void error(std::string_view what, std::string_view text) override {
        print({{"event", "error"}, {"what", what}, {"text", text}});
    }

  private:
    void print(const json& fields) const {
        json line = {{"v", 1}};
        line["event"] = fields["event"];
        line["time"] = rfc3339(unix_ms_now());
        line.update(fields);
        to_(Stream::out, text_of(line));
    }

    Print to_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Print print) {
    return std::make_unique<JsonReporter>(std::move(print));
}

std::string history_as_json(const std::string& room, const proto::History& history) {
    json out = {{"v", 1}, {"room", room}, {"more", history.more()}, {"messages", json::array()}};
    for (const auto& chat : history.messages()) out["messages"].push_back(describe(chat));
    return text_of(out);
}

}  // namespace connectsphere::cli
