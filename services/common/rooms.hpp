// RoomMirror: what a service knows of rooms and participants, kept from signaling's snapshots. It holds its
// last state while signaling is silent; a new instance of signaling replaces it, room by room, once that
// instance has published its index. Lookups by room and by session are O(1).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/base/id.hpp"
#include "proto/bus.pb.h"

namespace connectsphere {

class RoomMirror {
  public:
    // What a snapshot changed: sessions that appeared, changed or vanished, each once.
    struct Change {
        std::vector<SessionId> joined;
        std::vector<SessionId> updated;
        std::vector<SessionId> left;
        std::vector<RoomId> rooms;  // rooms that were touched
    };

    Change apply(const proto::StateMessage& message);

    const proto::Room* room(RoomId id) const;                   // nullptr: no such room
    const proto::Participant* participant(SessionId id) const;  // nullptr: no such session
    std::optional<RoomId> room_of(SessionId id) const;
    const std::unordered_map<RoomId, proto::Room>& rooms() const { return rooms_; }
    std::size_t session_count() const { return places_.size(); }

  private:
    struct Place {
        RoomId room;
        int index;  // among the participants of the room
    };

    void replace(const proto::Room& room, Change& change);
    void apply_index(const proto::RoomIndex& index, Change& change);
    void remove_sessions(const proto::Room& old, const proto::Room& now, Change& change);

    InstanceId instance_;
    std::unordered_map<RoomId, std::uint64_t> versions_;  // of the index under room 0
    std::unordered_map<RoomId, proto::Room> rooms_;
    std::unordered_map<SessionId, Place> places_;
};

}  // namespace connectsphere
