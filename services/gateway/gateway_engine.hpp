// The gateway: admits clients, routes their requests to the service that the schema names, carries answers
// and events back, and makes the keys of the UDP planes. It knows no feature: what a request means is the
// service's business.
//
//   client ── Hello, Ping ──► here
//   client ── any other arm ─► ctl ─► service ── Answer, Admit ─► client
//   service ── Deliver ──────► many clients
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "services/common/engine.hpp"
#include "services/common/token_bucket.hpp"
#include "services/gateway/key_epochs.hpp"
#include "services/gateway/routes.hpp"

namespace connectsphere::gateway {

class GatewayEngine {
  public:
    explicit GatewayEngine(const EngineContext& context);

    void on_open(ConnectionId connection, const Address& peer, Time now, Outbox& out);
    void on_frame(ConnectionId connection, wire::FrameView frame, Time now, Outbox& out);
    void on_close(ConnectionId connection, Time now, Outbox& out);
    void on_service(proto::Service service, const proto::ToGateway& message, Time now, Outbox& out);
    void on_unsent(proto::Service service, const proto::ToService& message, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const;
    void fill_gateway_hello(proto::Service service, proto::GatewayHello& hello) const;
    void fill_beat(proto::Beat& beat) const;

    static constexpr Duration kRequestTimeout = 2s;  // then the client is told to try later
    static constexpr Duration kSweepPeriod = 1s;     // how often silent connections are looked for
    static constexpr int kMaxFaults = 20;            // bad requests until a connection is closed
    static constexpr int kMaxPending = 64;  // unanswered requests of one connection; more are refused

  private:
    struct Connection {
        Address peer;
        SessionId session;  // zero: not joined
        bool greeted = false;
        int faults = 0;
        int pending = 0;
        TokenBucket bucket;
        Time heard_at;
    };
    struct Request {
        ConnectionId connection;
        std::uint64_t client_request;
        proto::Service service;
        Time deadline;
    };
    enum class Counter {
        requests,
        refused,
        timeouts,
        delivered,
        malformed,
        rate_limited,
        key_epochs,
        kCount
    };

    void handle(ConnectionId id, Connection& connection, const proto::ClientMessage& message, Bytes raw,
                Time now, Outbox& out);
    void greet(ConnectionId id, Connection& connection, const proto::ClientMessage& message, Outbox& out);
    void forward(ConnectionId id, Connection& connection, proto::Service service,
                 std::uint64_t client_request, Bytes raw, Time now, Outbox& out);
    void refuse(ConnectionId id, std::uint64_t client_request, proto::ErrorCode code, std::string_view text,
                Outbox& out);
    void fail_request(RequestId id, Outbox& out);

    void on_hello(proto::Service service, const proto::ServiceHello& hello, Time now, Outbox& out);
    void on_answer(RequestId request, const proto::Answer& answer, Outbox& out);
    void on_admit(RequestId request, const proto::Admit& admit, Time now, Outbox& out);
    void on_deliver(const proto::Deliver& deliver, Outbox& out);
    void on_dismiss(SessionId session, Outbox& out);
    void on_renew(proto::Service service, const proto::RenewKeys& renew, Time now, Outbox& out);
    void on_granted(RequestId request, Outbox& out);

    void grant_due(Time now, Outbox& out);
    void send(ConnectionId connection, std::shared_ptr<const Buffer> frame, Outbox& out);
    std::uint64_t& count(Counter counter) { return counters_[static_cast<std::size_t>(counter)]; }

    EngineContext context_;
    Routes routes_;
    KeyEpochs epochs_;
    std::unordered_map<ConnectionId, Connection> connections_;
    std::unordered_map<SessionId, ConnectionId> by_session_;
    std::map<RequestId, Request> requests_;  // in the order of their deadlines
    std::map<RequestId, KeyEpochs::Grant> grants_;
    std::uint64_t last_request_ = 0;
    Time sweep_at_ = kNever;
    std::array<std::uint64_t, static_cast<std::size_t>(Counter::kCount)> counters_{};
};

}  // namespace connectsphere::gateway
