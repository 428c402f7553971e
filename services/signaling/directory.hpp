// The directory: signaling's own facts. Rooms, the sessions in them, their SSRCs and the hashes of their
// resume tokens. It keeps them consistent (every session in one room, every SSRC once) and decides nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "proto/control.pb.h"
#include "proto/store.pb.h"
#include "services/common/digest.hpp"
#include "services/common/engine.hpp"
#include "services/common/token_bucket.hpp"

namespace connectsphere::signaling {

struct Session {
    SessionId id;
    RoomId room;
    ConnectionId connection;         // zero: not connected
    proto::Participant participant;  // what others may know
    std::string peer_ip;
    Sha256 token{};            // hash of the newest resume token
    Sha256 previous_token{};   // valid until the newest is first used
    Time expires_at = kNever;  // while not connected
    proto::SrtpProfile srtp_profile = proto::AEAD_AES_128_GCM;
    // Each Publish may take SSRCs, and each SSRC a place of everybody's media key.
    TokenBucket publishing{kPublishesPerSecond, kPublishesAtOnce};
    // The newest requests with a client_message_id and what was answered: a repeated one is not sent twice.
    // At most kRemembered; the oldest is forgotten.
    std::deque<proto::ChatAccepted> accepted;

    static constexpr std::size_t kRemembered = 64;
    static constexpr double kPublishesPerSecond = 0.5;
    static constexpr double kPublishesAtOnce = 10;
};

struct Room {
    RoomId id;
    std::string name;
    std::vector<SessionId> members;  // in the order of joining
};

class Directory {
  public:
    explicit Directory(Entropy entropy) : entropy_(std::move(entropy)) {}

    Session* session(SessionId id);
    Session* session_by_token(Bytes token);  // newest or previous
    Room* room(RoomId id);
    Room* room_by_name(std::string_view name);
    const std::map<RoomId, Room>& rooms() const { return rooms_; }
    const std::unordered_map<SessionId, Session>& sessions() const { return sessions_; }

    Room& add_room(std::string_view name);
    Session& add_session(Room& room, std::string_view name);  // with ids and SSRCs of its own
    Session* restore(
        const proto::SessionRecord& record);  // from an earlier life; nullptr: the record is damaged
    proto::SessionRecord record(const Session& session);
    void remove_session(SessionId id);  // and its room, when it was the last one
    // A new resume token, 32 random bytes of which only the hash is kept. `used` is the token that the client
    // came with (empty: a new session): it stays valid until the new one is first used, in case the answer
    // gets lost.
    Buffer rotate_token(Session& session, Bytes used);

    Session* member_by_name(const Room& room, std::string_view name);
    // "Ann", taken: "Ann 2". A name that would be longer than `max_bytes` loses its last characters.
    std::string free_name(const Room& room, std::string_view name, std::size_t max_bytes);
    std::uint32_t new_ssrc();
    void release_ssrc(std::uint32_t ssrc) { ssrcs_.erase(ssrc); }

  private:
    std::uint64_t random_id();
    void put_room(Room room);
    void forget_token(const Sha256& token) { by_token_.erase(to_hex(token)); }

    Entropy entropy_;
    std::unordered_map<SessionId, Session> sessions_;
    std::map<RoomId, Room> rooms_;
    std::unordered_map<std::string, RoomId> by_name_;
    std::unordered_map<std::string, SessionId> by_token_;  // by the hash in hex
    std::unordered_set<std::uint32_t> ssrcs_;
};

}  // namespace connectsphere::signaling
