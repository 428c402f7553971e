// Signaling: rooms, participants, streams and chat. It answers the requests that the gateway passes on, tells
// the members of a room what happened, and publishes each room as a whole snapshot for the other services.
//
// What must outlive a crash goes through the journal first: a message is delivered and acknowledged when it
// is durable, sessions are reloaded, and reconciled with the gateway's list of live connections before
// anything is published, so that a restart ends no call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/client.pb.h"
#include "services/common/engine.hpp"
#include "services/common/token_bucket.hpp"
#include "services/signaling/directory.hpp"
#include "services/signaling/journal.hpp"

namespace connectsphere::signaling {

class SignalingEngine {
  public:
    // Without a store nothing is kept on disk. Throws when the store can not be read.
    explicit SignalingEngine(const EngineContext& context, const std::shared_ptr<Store>& store = nullptr);

    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void on_subscriber(Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const;
    void fill_beat(proto::Beat& beat) const;

    static constexpr Duration kPublishGap = 50ms;      // a room is published at most this often on change
    static constexpr Duration kRepublish = 2s;         // and at least this often without one
    static constexpr std::size_t kMaxStreams = 4;      // of a session
    static constexpr std::size_t kMaxEncodings = 4;    // of a stream
    static constexpr int kMaxChecks = 32;              // passwords being checked; more are told to wait
    static constexpr std::uint32_t kMaxReplay = 200;   // messages shown to who joins
    static constexpr std::uint32_t kMaxHistory = 500;  // messages in one answer
    static constexpr Duration kReconcileWait = 3s;     // for the gateway, after a start with old sessions

  private:
    // One request of a client, on its way to an answer.
    struct Request {
        RequestId id;
        ConnectionId connection;
        std::uint64_t client_request;
        std::string peer_ip;
        Session* session;  // nullptr: not joined
        Time now;
    };
    struct Publication {
        Time at = Time{};  // of the newest
        bool dirty = false;
    };

    void on_request(RequestId id, const proto::ClientRequest& body, Time now, Outbox& out);
    void on_gateway_hello(const proto::GatewayHello& hello, Time now, Outbox& out);
    void on_connection_lost(const proto::ConnectionLost& lost, Time now, Outbox& out);

    // One handler an arm (signaling_join.cpp, signaling_talk.cpp, signaling_chat.cpp,
    // signaling_moderation.cpp).
    void handle(const Request& request, const proto::Join& join, Outbox& out);
    void handle(const Request& request, const proto::Leave& leave, Outbox& out);
    void handle(const Request& request, const proto::Publish& publish, Outbox& out);
    void handle(const Request& request, const proto::SendChat& chat, Outbox& out);
    void handle(const Request& request, const proto::React& react, Outbox& out);
    void handle(const Request& request, const proto::RaiseHand& hand, Outbox& out);
    void handle(const Request& request, const proto::SetMediaState& state, Outbox& out);
    void handle(const Request& request, const proto::GetRoom& get, Outbox& out);
    void handle(const Request& request, const proto::ListRooms& list, Outbox& out);
    void handle(const Request& request, const proto::EditChat& edit, Outbox& out);
    void handle(const Request& request, const proto::DeleteChat& drop, Outbox& out);
    void handle(const Request& request, const proto::GetHistory& get, Outbox& out);
    void handle(const Request& request, const proto::SetRoomPassword& set, Outbox& out);
    void handle(const Request& request, const proto::Mute& mute, Outbox& out);
    void handle(const Request& request, const proto::Remove& remove, Outbox& out);
    void handle(const Request& request, const proto::SetRole& set, Outbox& out);
    void lower_hand(const Request& request, std::uint64_t session_id, Outbox& out);
    // The one whom the request is about; refuses it and gives nullptr where the caller may not do that.
    Session* moderated(const Request& request, std::uint64_t session_id, Outbox& out);
    void choose_host(const Room& room, Time now, Outbox& out);

    void join_new(const Request& request, const proto::Join& join, Outbox& out);
    void resume(const Request& request, const proto::Join& join, Session& session, Outbox& out);
    void admit(const Request& request, const proto::Join& join, Session& session, bool resumed, Outbox& out);
    void replay(const Session& session, HistoryQuery query, Time now, Outbox& out);
    void lose(Session& session, Time now, Outbox& out);
    void end(Session& session, proto::LeaveReason reason, Time now, Outbox& out);

    // Calls `then` if the password is the room's, or else the server's; refuses the request if not.
    void authorize(const Request& request, const std::string& room, const std::string& password, Outbox& out,
                   std::function<void(Time, Outbox&)> then);
    void change_own_message(const Request& request, std::uint64_t message_id, Outbox& out,
                            std::function<void(proto::ChatMessage, Time, Outbox&)> change);
    void send_when_kept(const Request& request, const std::string& room, const proto::ChatMessage& message,
                        Outbox& out);
    void refuse_unkept(const Request& request, const Error& error, Outbox& out);
    std::vector<SessionId> readers(const Room& room, const proto::ChatMessage& message);
    void keep(const Session& session);
    void adopt(Loaded loaded);

    void answer(const Request& request, proto::ServerMessage message, Outbox& out);
    void answer_done(const Request& request, Outbox& out);
    void refuse(const Request& request, proto::ErrorCode code, std::string_view text, Outbox& out);
    // RATE_LIMITED, until that time has passed.
    void refuse_for(const Request& request, Duration wait, std::string_view text, Outbox& out);
    void deliver(const std::vector<SessionId>& to, const proto::ServerMessage& message, Outbox& out);
    std::vector<SessionId> connected_members(const Room& room, SessionId except = {});
    void tell_updated(const Session& session, Time now, Outbox& out);

    void touch(RoomId room, Time now, Outbox& out);
    void publish_room(RoomId room, Time now, Outbox& out);
    void publish_index(Time now, Outbox& out);
    proto::Room snapshot(const Room& room);
    std::uint64_t unix_ms(Time now) const;

    EngineContext context_;
    Directory directory_;
    std::map<RoomId, Publication> publications_;
    std::uint64_t state_version_ = 0;
    Time republish_at_ = kNever;
    Journal journal_;
    std::string server_password_;                         // its hash; empty: none
    std::map<std::string, std::string> room_passwords_;   // hashes, by room; rooms without are absent
    std::map<std::string, TokenBucket> wrong_passwords_;  // by address; at most kMaxAddresses, then forgotten
    std::map<std::string, std::uint32_t> untrimmed_;      // messages since the last TrimRoom, by room
    int checks_ = 0;
    bool reconciled_ = true;  // false: sessions of an earlier life wait for the gateway's list
    Time reconcile_by_ = kNever;
    MessageId last_message_;
    std::set<std::pair<Time, SessionId>> expiries_;
    std::uint64_t joins_ = 0, resumes_ = 0, chats_ = 0, refused_ = 0, unkept_ = 0;
};

}  // namespace connectsphere::signaling
