#include "client-cli/report_json_events.hpp"

#include "client-cli/times.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

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
    json operator()(const client::CaptureEnded& ended) const {
        return {{"event", "error"}, {"what", "video_in"}, {"text", ended.error.what}};
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

}  // namespace

json describe(const client::Event& event) { return std::visit(Describe{}, event); }

}  // namespace connectsphere::cli
