// Switchboard: who is in which room, which encodings they send, and who gets which of them. It follows the
// room mirror and holds what must survive from packet to packet: per encoding its Source, per receiver and
// encoding its Forwarding. It knows nothing of keys and addresses.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/base/id.hpp"
#include "services/common/rooms.hpp"
#include "services/video-relay/forwarding.hpp"
#include "services/video-relay/reception.hpp"

namespace connectsphere::relay {

// Something that a participant shows: one picture in one or more encodings.
struct VideoStream {
    SessionId owner;
    std::uint32_t stream_id = 0;
    Ssrc first_encoding;  // the one that its sender named first
};

// An encoding that may arrive.
struct Source {
    VideoStream stream;
    RoomId room;
    Ssrc ssrc;
    std::uint8_t payload_type = 0;
    bool camera_off = false;
    std::uint64_t generation = 0;  // changes when its counters begin anew
    Reception reception{kVideoClockRate};

    // The newest sender report that was passed on: its NTP time (the middle 32 bits) comes back in receiver
    // reports, and says how far away they are.
    std::uint32_t report_time = 0;
    Time reported_at{};
};

// What one receiver gets of one stream: one of its encodings, or none (zero).
struct Subscription {
    Ssrc encoding;
};

// What a receiver says of its way, the worst of the streams that it named in its newest report.
struct DownlinkFigures {
    double loss_ratio = 0;  // since its last report, 0 to 1
    double jitter_seconds = 0;
    double round_trip_seconds = 0;  // 0: not known
};

struct Member {
    SessionId id;
    RoomId room;  // zero: it has left, and its keys may still be held
    std::vector<Ssrc> sources;
    std::unordered_map<Ssrc, Forwarding> forwardings;  // of everything it ever got under its key
    Time heard_at{};                                   // when the newest packet of it that counts came
    std::uint64_t packets_sent = 0;
    std::uint64_t bytes_sent = 0;
    DownlinkFigures downlink;

    // Everybody sees everybody but oneself, in the encoding that the sender named first.
    Subscription subscription(const VideoStream& stream) const {
        return {stream.owner == id ? Ssrc{} : stream.first_encoding};
    }
};

class Switchboard {
  public:
    void apply(const RoomMirror& mirror, const RoomMirror::Change& change);

    // A session has new keys: what it sends begins anew, and so does what it gets.
    void restart(SessionId id);

    // Forgets who has left and of whom `is_gone(id)` holds.
    template <class Predicate>
    void forget(Predicate is_gone) {
        std::erase_if(members_, [&](const auto& item) { return !item.second.room && is_gone(item.first); });
    }

    Source* source(Ssrc ssrc);     // nullptr: nobody has published it
    Member* member(SessionId id);  // nullptr: it is in no room, and holds no keys
    std::span<Member* const> members(RoomId room) const;

    const std::unordered_map<Ssrc, Source>& sources() const { return sources_; }
    const std::unordered_map<SessionId, Member>& all_members() const { return members_; }

  private:
    void place(const proto::Participant& participant, RoomId room);
    void leave(SessionId id);
    void move(Member& member, RoomId room);
    void publish(Member& member, const proto::Participant& participant);
    void publish(Member& member, const VideoStream& stream, const proto::Encoding& encoding, bool camera_off);

    std::unordered_map<SessionId, Member> members_;
    std::unordered_map<RoomId, std::vector<Member*>> rooms_;  // nodes of members_ do not move
    std::unordered_map<Ssrc, Source> sources_;
    std::uint64_t generations_ = 0;
};

}  // namespace connectsphere::relay
