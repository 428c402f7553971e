// What participants do in a room, and who is there: reactions, hands, what they send, lists.
#include <algorithm>
#include <set>
#include <utility>

#include "services/common/password.hpp"
#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/text.hpp"

namespace connectsphere::signaling {

namespace {

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
            const unsigned multiple = encoding.codec() == proto::JPEG ? 8 : 2;
            if (side == 0 || side % multiple != 0 || side > 2040)
                return "a video side is even, of JPEG a multiple of 8, and at most 2040";
        }
    }
    return std::nullopt;
}

// The SSRC of an encoding that is published again, taken out of `before`; 0: it is new. A new one would take
// a place of everybody's media key.
std::uint32_t take_ssrc(google::protobuf::RepeatedPtrField<proto::Stream>& before,
                        const proto::Stream& stream, const proto::Encoding& encoding) {
    for (auto& old : before) {
        if (old.kind() != proto::VIDEO || old.stream_id() != stream.stream_id()) continue;
        for (auto& candidate : *old.mutable_encodings()) {
            if (candidate.codec() != encoding.codec() || candidate.ssrc() == 0) continue;
            const auto ssrc = candidate.ssrc();
            candidate.clear_ssrc();
            return ssrc;
        }
    }
    return 0;
}

}  // namespace

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
    answer_done(request, out);
}

void SignalingEngine::handle(const Request& request, const proto::RaiseHand& hand, Outbox& out) {
    const bool is_own = hand.session_id() == 0 || hand.session_id() == request.session->id.value;
    if (!is_own && hand.raised()) {
        return refuse(request, proto::BAD_REQUEST, "nobody can raise another's hand", out);
    }
    if (!is_own) return lower_hand(request, hand.session_id(), out);
    auto& participant = request.session->participant;
    if (hand.raised() != (participant.hand_raised_at() != 0)) {
        participant.set_hand_raised_at(hand.raised() ? unix_ms(request.now) : 0);
        tell_updated(*request.session, request.now, out);
    }
    answer_done(request, out);
}

void SignalingEngine::handle(const Request& request, const proto::SetMediaState& state, Outbox& out) {
    auto& participant = request.session->participant;
    participant.set_microphone_muted(state.microphone_muted());
    participant.set_camera_off(state.camera_off());
    tell_updated(*request.session, request.now, out);
    answer_done(request, out);
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
    if (auto& bucket = request.session->publishing; !bucket.take(request.now)) {
        return refuse_for(request, bucket.wait(request.now), "streams changed too often; wait a moment", out);
    }
    auto& participant = request.session->participant;
    auto before = std::exchange(*participant.mutable_streams(), publish.streams());
    for (auto& stream : *participant.mutable_streams()) {
        for (auto& encoding : *stream.mutable_encodings()) {
            const bool is_audio = stream.kind() == proto::AUDIO;  // its SSRC is the session's own
            const auto kept = is_audio ? participant.audio_ssrc() : take_ssrc(before, stream, encoding);
            encoding.set_ssrc(kept != 0 ? kept : directory_.new_ssrc());
            encoding.set_rtx_ssrc(0);
        }
    }
    for (const auto& stream : before)
        for (const auto& encoding : stream.encodings())
            if (encoding.ssrc() != participant.audio_ssrc()) directory_.release_ssrc(encoding.ssrc());
    tell_updated(*request.session, request.now, out);
    proto::ServerMessage reply;
    *reply.mutable_published()->mutable_streams() = participant.streams();
    answer(request, std::move(reply), out);
}

// ---- who is there

void SignalingEngine::handle(const Request& request, const proto::GetRoom& get, Outbox& out) {
    const auto tell = [this, request](const Room* room, Outbox& later) {
        if (!room) return refuse(request, proto::NOT_FOUND, "there is no such room now", later);
        proto::ServerMessage reply;
        *reply.mutable_room() = snapshot(*room);
        answer(request, std::move(reply), later);
    };
    if (request.session) return tell(directory_.room(request.session->room), out);
    authorize(request, canonical_name(get.room()), get.password(), out,
              [this, tell, name = canonical_name(get.room())](Time, Outbox& later) {
                  tell(directory_.room_by_name(name), later);
              });
}

void SignalingEngine::handle(const Request& request, const proto::ListRooms& list, Outbox& out) {
    const auto tell = [this, request](Time, Outbox& later) {
        proto::ServerMessage reply;
        auto& rooms = *reply.mutable_room_list();
        for (const auto& [id, room] : directory_.rooms()) {
            auto& summary = *rooms.add_rooms();
            summary.set_name(room.name);
            summary.set_members(static_cast<std::uint32_t>(room.members.size()));
            summary.set_has_password(room_passwords_.contains(room.name));
        }
        answer(request, std::move(reply), later);
    };
    if (request.session) return tell(request.now, out);
    authorize(request, {}, list.password(), out, tell);
}

void SignalingEngine::handle(const Request& request, const proto::SetRoomPassword& set, Outbox& out) {
    if (request.session->participant.role() != proto::HOST) {
        return refuse(request, proto::FORBIDDEN, "only the host may set the room's password", out);
    }
    if (set.password().size() > kMaxPasswordBytes) {
        return refuse(request, proto::TOO_LARGE, "a password has at most 128 bytes", out);
    }
    if (checks_ >= kMaxChecks) return refuse(request, proto::RATE_LIMITED, "wait a moment", out);
    ++checks_;
    const auto hash = std::make_shared<std::string>();
    const auto room = directory_.room(request.session->room)->name;
    const auto make = [hash, password = set.password(), entropy = context_.entropy] {
        if (!password.empty()) *hash = hash_password(password, entropy);
    };
    const auto keep_it = [this, hash, room, request](Time now, Outbox& later) {
        --checks_;
        if (hash->empty()) {
            room_passwords_.erase(room);
        } else {
            room_passwords_[room] = *hash;
        }
        journal_.write(PutRoomPassword{.room = room, .hash = *hash});
        journal_.then([this, request](const Result<void>& kept, Time, Outbox& much_later) {
            if (!kept) return refuse_unkept(request, kept.error(), much_later);
            answer_done(request, much_later);
        });
        journal_.commit(now, later);
    };
    if (context_.offload) return context_.offload(make, keep_it);
    make();
    keep_it(request.now, out);
}

}  // namespace connectsphere::signaling
