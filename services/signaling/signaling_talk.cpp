// What participants do in a room: chat, reactions, hands, what they send.
#include <algorithm>
#include <set>

#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/text.hpp"

namespace connectsphere::signaling {

namespace {

proto::ServerMessage done() {
    proto::ServerMessage message;
    message.mutable_done();
    return message;
}

// What is wrong with a stream that a client wants to send, as a sentence; or nothing. RFC 2435 carries sides
// in units of 8 pixels in one byte.
std::optional<std::string> fault_in(const proto::Stream& stream) {
    if (stream.stream_id() == 0 || stream.stream_id() > 255) return "stream_id must be 1 to 255";
    if (stream.kind() == proto::AUDIO) {
        const bool one_opus = stream.encodings_size() == 1 && stream.encodings(0).codec() == proto::OPUS;
        return one_opus ? std::nullopt : std::optional<std::string>("an audio stream has one encoding, OPUS");
    }
    if (stream.kind() != proto::VIDEO) return "a stream is AUDIO or VIDEO";
    if (stream.encodings().empty()) return "a video stream needs an encoding";
    if (static_cast<std::size_t>(stream.encodings_size()) > SignalingEngine::kMaxEncodings)
        return "too many encodings";
    for (const auto& encoding : stream.encodings()) {
        if (encoding.codec() != proto::JPEG && encoding.codec() != proto::VP8 &&
            encoding.codec() != proto::H264) {
            return "a video encoding is JPEG, VP8 or H264";
        }
        for (const auto side : {encoding.width(), encoding.height()}) {
            if (side == 0 || side % 8 != 0 || side > 2040)
                return "a video side is a multiple of 8 and at most 2040";
        }
    }
    return std::nullopt;
}

}  // namespace

void SignalingEngine::handle(const Request& request, const proto::SendChat& chat, Outbox& out) {
    auto& sender = *request.session;
    const auto repeated = std::find_if(
        sender.accepted.begin(), sender.accepted.end(),
        [&](const auto& accepted) { return accepted.client_message_id() == chat.client_message_id(); });
    proto::ServerMessage reply;
    if (repeated != sender.accepted.end()) {
        *reply.mutable_chat_accepted() = *repeated;
        return answer(request, std::move(reply), out);
    }
    if (chat.client_message_id() == 0) {
        return refuse(request, proto::BAD_REQUEST, "client_message_id must not be 0", out);
    }
    if (const auto fault = fault_in_chat(chat.text(), context_.config.limits.chat_bytes)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    const auto& room = *directory_.room(sender.room);
    auto receivers = connected_members(room);
    if (chat.to_session_id() != 0) {
        const auto* receiver = directory_.session({chat.to_session_id()});
        if (!receiver || receiver->room != room.id) {
            return refuse(request, proto::NOT_FOUND, "nobody of that session is in this room", out);
        }
        std::erase_if(receivers, [&](SessionId id) { return id != receiver->id && id != sender.id; });
    }
    ++chats_;
    last_message_ = {last_message_.value + 1};
    proto::ServerMessage event;
    auto& message = *event.mutable_chat_message();
    message.set_message_id(last_message_.value);
    message.set_from_session_id(sender.id.value);
    message.set_from_name(sender.participant.name());
    message.set_to_session_id(chat.to_session_id());
    message.set_text(chat.text());
    message.set_sent_at(unix_ms(request.now));
    deliver(std::move(receivers), event, out);

    auto& accepted = *reply.mutable_chat_accepted();
    accepted.set_message_id(message.message_id());
    accepted.set_client_message_id(chat.client_message_id());
    accepted.set_sent_at(message.sent_at());
    sender.accepted.push_back(accepted);
    if (sender.accepted.size() > Session::kRemembered) sender.accepted.pop_front();
    answer(request, std::move(reply), out);
}

void SignalingEngine::handle(const Request& request, const proto::React& react, Outbox& out) {
    if (const auto fault = fault_in_line("the reaction", react.emoji(), 32)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    const auto& session = *request.session;
    proto::ServerMessage event;
    auto& reaction = *event.mutable_reaction();
    reaction.set_from_session_id(session.id.value);
    reaction.set_from_name(session.participant.name());
    reaction.set_emoji(react.emoji());
    deliver(connected_members(*directory_.room(session.room)), event, out);
    answer(request, done(), out);
}

void SignalingEngine::handle(const Request& request, const proto::RaiseHand& hand, Outbox& out) {
    auto& participant = request.session->participant;
    if (hand.raised() != (participant.hand_raised_at() != 0)) {
        participant.set_hand_raised_at(hand.raised() ? unix_ms(request.now) : 0);
        tell_updated(*request.session, request.now, out);
    }
    answer(request, done(), out);
}

void SignalingEngine::handle(const Request& request, const proto::SetMediaState& state, Outbox& out) {
    auto& participant = request.session->participant;
    participant.set_microphone_muted(state.microphone_muted());
    participant.set_camera_off(state.camera_off());
    tell_updated(*request.session, request.now, out);
    answer(request, done(), out);
}

void SignalingEngine::handle(const Request& request, const proto::Publish& publish, Outbox& out) {
    if (static_cast<std::size_t>(publish.streams_size()) > kMaxStreams) {
        return refuse(request, proto::BAD_REQUEST, "a session has at most 4 streams", out);
    }
    std::set<std::uint32_t> ids;
    int voices = 0;
    for (const auto& stream : publish.streams()) {
        voices += stream.kind() == proto::AUDIO ? 1 : 0;
        if (voices > 1) return refuse(request, proto::BAD_REQUEST, "a session has one audio stream", out);
        if (const auto fault = fault_in(stream)) return refuse(request, proto::BAD_REQUEST, *fault, out);
        if (!ids.insert(stream.stream_id()).second) {
            return refuse(request, proto::BAD_REQUEST, "two streams have the same stream_id", out);
        }
    }
    auto& participant = request.session->participant;
    for (const auto& stream : participant.streams()) {
        if (stream.kind() == proto::AUDIO) continue;  // its SSRC is the session's own
        for (const auto& encoding : stream.encodings()) directory_.release_ssrc(encoding.ssrc());
    }
    *participant.mutable_streams() = publish.streams();
    for (auto& stream : *participant.mutable_streams()) {
        for (auto& encoding : *stream.mutable_encodings()) {
            encoding.set_ssrc(stream.kind() == proto::AUDIO ? participant.audio_ssrc()
                                                            : directory_.new_ssrc());
            encoding.set_rtx_ssrc(0);
        }
    }
    tell_updated(*request.session, request.now, out);
    proto::ServerMessage reply;
    *reply.mutable_published()->mutable_streams() = participant.streams();
    answer(request, std::move(reply), out);
}

void SignalingEngine::handle(const Request& request, const proto::GetRoom&, Outbox& out) {
    proto::ServerMessage reply;
    *reply.mutable_room() = snapshot(*directory_.room(request.session->room));
    answer(request, std::move(reply), out);
}

}  // namespace connectsphere::signaling
