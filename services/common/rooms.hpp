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
    std::size_t session_count() const { return room_of_.size(); }

  private:
    void replace(const proto::Room& room, Change& change);
    void remove(RoomId id, Change& change);

    InstanceId instance_;
    std::unordered_map<RoomId, std::uint64_t> versions_;
    std::unordered_map<RoomId, proto::Room> rooms_;
    std::unordered_map<SessionId, RoomId> room_of_;
};

}  // namespace connectsphere
