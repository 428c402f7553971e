#include "services/video-relay/switchboard.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/wire/rtp.hpp"

namespace connectsphere::relay {

std::optional<std::uint8_t> payload_type_of(int codec) {
    switch (codec) {
        case proto::JPEG:
            return wire::kPayloadTypeJpeg;
        case proto::VP8:
            return wire::kPayloadTypeVp8;
        case proto::H264:
            return wire::kPayloadTypeH264;
        default:
            return std::nullopt;
    }
}

void Switchboard::apply(const RoomMirror& mirror, const RoomMirror::Change& change) {
    for (const auto* ids : {&change.left, &change.joined, &change.updated}) {
        for (const SessionId id : *ids) {
            // What the mirror says now counts: leaving one room for another is one change.
            const auto* participant = mirror.participant(id);
            const auto room = mirror.room_of(id);
            if (participant != nullptr && room) {
                place(*participant, *room);
                choose_again(*room);
            } else {
                leave(id);
            }
        }
    }
}

void Switchboard::restart(SessionId id) {
    Member* found = member(id);
    if (found == nullptr) return;
    disconnect(found->room);
    found->forwardings.clear();
    found->views.clear();
    found->estimate.restart();
    found->must_choose = true;
    found->was_told = false;
    for (const Ssrc ssrc : found->sources) {
        Source& source = sources_.at(ssrc);
        source.generation = ++generations_;
        source.reception.restart();
        source.frame_timestamp.reset();
        source.newest_seq = 0;
        source.broken_frame.reset();
        source.missing.restart();
        source.history.clear();
    }
}

Source* Switchboard::source(Ssrc ssrc) {
    const auto found = sources_.find(ssrc);
    return found == sources_.end() ? nullptr : &found->second;
}

Source* Switchboard::source_of_generation(Ssrc first_encoding, std::uint64_t generation) {
    Source* first = source(first_encoding);
    Member* owner = first == nullptr ? nullptr : member(first->stream.owner);
    if (owner == nullptr) return nullptr;
    for (const Ssrc ssrc : owner->sources) {
        Source* candidate = source(ssrc);
        if (candidate != nullptr && candidate->generation == generation) return candidate;
    }
    return nullptr;
}

Member* Switchboard::member(SessionId id) {
    const auto found = members_.find(id);
    return found == members_.end() ? nullptr : &found->second;
}

Member& Switchboard::expect(SessionId id) {
    Member& member = members_[id];
    member.id = id;
    return member;
}

std::span<Member* const> Switchboard::members(RoomId room) const {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return {};
    return found->second.members;
}

std::span<const Leg> Switchboard::legs_of(Source& source) {
    const auto found = rooms_.find(source.room);
    if (found == rooms_.end()) return {};
    if (!found->second.is_connected) connect(found->second);
    return source.legs;
}

void Switchboard::disconnect(RoomId room) {
    if (const auto found = rooms_.find(room); found != rooms_.end()) found->second.is_connected = false;
}

void Switchboard::connect(Room& room) {
    for (const Member* owner : room.members)
        for (const Ssrc ssrc : owner->sources) sources_.at(ssrc).legs.clear();
    for (Member* receiver : room.members) {
        for (auto& [stream, view] : receiver->views) {
            const Leg leg{.receiver = receiver, .view = &view, .forwarding = &receiver->forwardings[stream]};
            const auto add_to = [&](Source* encoding) {
                if (encoding != nullptr && encoding->room == receiver->room) encoding->legs.push_back(leg);
            };
            add_to(source(view.target));
            if (view.current != view.target) add_to(source(view.current));
        }
    }
    room.is_connected = true;
}

void Switchboard::place(const proto::Participant& participant, RoomId room) {
    Member& member = expect(SessionId{participant.session_id()});
    move(member, room);
    publish(member, participant);
}

void Switchboard::leave(SessionId id) {
    Member* found = member(id);
    if (found == nullptr) return;
    choose_again(found->room);
    move(*found, RoomId{});
    for (const Ssrc ssrc : found->sources) sources_.erase(ssrc);
    found->sources.clear();
}

void Switchboard::choose_again(RoomId room) {
    for (Member* member : members(room)) member->must_choose = true;
}

void Switchboard::set_speakers(RoomId room, std::vector<SessionId> speakers) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end() || found->second.speakers == speakers) return;
    found->second.speakers = std::move(speakers);
    // Who gets everything gets it whoever speaks.
    for (Member* member : found->second.members)
        if (member->is_limited) member->must_choose = true;
}

std::span<const SessionId> Switchboard::speakers(RoomId room) const {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return {};
    return found->second.speakers;
}

void Switchboard::move(Member& member, RoomId room) {
    if (member.room == room) return;
    if (const auto old = rooms_.find(member.room); old != rooms_.end()) {
        std::erase(old->second.members, &member);
        old->second.is_connected = false;
        if (old->second.members.empty()) rooms_.erase(old);
    }
    member.room = room;
    member.views.clear();
    if (!room) return;
    rooms_[room].members.push_back(&member);
    rooms_[room].is_connected = false;
}

void Switchboard::publish(Member& member, const proto::Participant& participant) {
    disconnect(member.room);
    const auto before = std::exchange(member.sources, {});
    for (const auto& stream : participant.streams()) {
        if (stream.kind() != proto::VIDEO || stream.encodings().empty()) continue;
        const VideoStream named{.owner = member.id,
                                .stream_id = stream.stream_id(),
                                .first_encoding = {stream.encodings(0).ssrc()}};
        for (const auto& encoding : stream.encodings())
            publish(member, named, encoding, participant.camera_off());
    }
    for (const Ssrc ssrc : before)
        if (std::ranges::find(member.sources, ssrc) == member.sources.end()) sources_.erase(ssrc);
}

void Switchboard::publish(Member& member, const VideoStream& stream, const proto::Encoding& encoding,
                          bool camera_off) {
    const Ssrc ssrc{encoding.ssrc()};
    const auto type = payload_type_of(encoding.codec());
    if (!ssrc || !type) return;
    // Who goes on sending keeps its counters: a snapshot that changed a name must not disturb a picture.
    const auto [place, is_new] = sources_.try_emplace(ssrc);
    Source& source = place->second;
    // SSRCs are unique per server: one that is somebody else's stays with him.
    if (!is_new && source.stream.owner != member.id) return;
    if (is_new) {
        source.generation = ++generations_;
        source.history = media::PacketHistory(history_packets_);
    }
    source.stream = stream;
    source.room = member.room;
    source.ssrc = ssrc;
    source.payload_type = *type;
    source.width = encoding.width();
    source.height = encoding.height();
    source.frame_rate = encoding.frame_rate();
    source.camera_off = camera_off;
    member.sources.push_back(ssrc);
}

}  // namespace connectsphere::relay
