// Store: what signaling keeps on disk, behind an interface, so that the engine knows no file. A batch is one
// transaction: after commit() it survives a crash of the process and of the machine's power. Used by one
// thread at a time (the worker).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.hpp"
#include "proto/control.pb.h"
#include "proto/store.pb.h"

namespace connectsphere::signaling {

struct PutSession {
    proto::SessionRecord record;
};
struct DropSession {
    std::uint64_t session_id;
};
struct PutRoomPassword {
    std::string room;
    std::string hash;  // empty: none
};
struct PutMessage {
    std::string room;
    proto::ChatMessage message;  // also one that was edited
};
struct DropMessage {
    std::uint64_t message_id;
};
// Retention: keeps the newest messages of a room, and none from before a time.
struct TrimRoom {
    std::string room;
    std::uint32_t keep;
    std::uint64_t not_before;  // Unix milliseconds
};

using Write = std::variant<PutSession, DropSession, PutRoomPassword, PutMessage, DropMessage, TrimRoom>;

struct HistoryQuery {
    std::string room;
    std::uint64_t viewer = 0;  // session: its private messages too; 0: only public ones
    std::uint64_t since = 0;   // Unix milliseconds
    std::uint64_t after_message = 0;
    std::uint64_t up_to_message = UINT64_MAX;
    std::string search;
    std::uint32_t limit = 50;  // the newest ones
};

struct RoomPassword {
    std::string room;
    std::string hash;
};

struct Loaded {
    std::vector<proto::SessionRecord> sessions;
    std::vector<RoomPassword> passwords;
    std::uint64_t last_message_id = 0;
};

class Store {
  public:
    virtual ~Store() = default;

    virtual Loaded load() = 0;  // at start; throws when the database can not be read
    virtual Result<void> commit(const std::vector<Write>& batch) = 0;  // all or nothing
    virtual Result<proto::History> history(const HistoryQuery& query) = 0;
    virtual Result<proto::ChatMessage> message(std::uint64_t message_id) = 0;  // `not_found`
};

}  // namespace connectsphere::signaling
