// A gateway for tests: clients and services are numbers, what it decided is read from its outbox.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/gateway_engine.hpp"
#include "tests/support/entropy.hpp"

namespace connectsphere::gateway {

constexpr Time kStart{1h};

inline EngineContext context() {
    EngineContext context;
    context.config.server_name = "Lab";
    context.instance = {77};
    context.ports = {.control = 9000, .screen = 9001, .files = 9002, .video = 10000, .audio = 11000};
    context.entropy = test::seeded_entropy(1);
    context.to_wall = [](Time time) {
        return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()));
    };
    return context;
}

inline proto::HeldEpoch held(proto::Plane plane, std::uint32_t epoch, std::uint64_t session = 0) {
    proto::HeldEpoch out;
    out.set_plane(plane);
    out.set_epoch(epoch);
    out.set_session_id(session);
    return out;
}

// Calls the engine, one function a hook; `out` holds what the last call decided.
struct Gateway {
    GatewayEngine engine{context()};
    Time now = kStart;
    Outbox out;

    void open(std::uint64_t connection, const char* ip = "192.0.2.1") {
        out.clear();
        engine.on_open({connection}, *parse_address(ip, 5000), now, out);
    }
    void bytes(std::uint64_t connection, std::string_view message, Bytes data = {}) {
        out.clear();
        engine.on_frame({connection}, {.message = as_bytes(message), .data = data}, now, out);
    }
    void say(std::uint64_t connection, const proto::ClientMessage& message) {
        bytes(connection, message.SerializeAsString());
    }
    void close(std::uint64_t connection) {
        out.clear();
        engine.on_close({connection}, now, out);
    }
    void from(proto::Service service, const proto::ToGateway& message) {
        out.clear();
        engine.on_service(service, message, now, out);
    }
    void unsent(proto::Service service, const proto::ToService& message) {
        out.clear();
        engine.on_unsent(service, message, now, out);
    }
    void wait(Duration duration) {
        out.clear();
        now += duration;
        engine.on_time(now, out);
    }

    // ---- what clients and services say, in one line each
    static proto::ClientMessage hello(std::uint32_t version = 1) {
        auto message = request(1);
        message.mutable_hello()->set_protocol_version(version);
        return message;
    }
    static proto::ClientMessage request(std::uint64_t id) {
        proto::ClientMessage message;
        message.set_request_id(id);
        return message;
    }
    static proto::ClientMessage join(std::uint64_t id) {
        auto message = request(id);
        message.mutable_join()->set_room("lobby");
        return message;
    }
    static proto::ClientMessage chat(std::uint64_t id) {
        auto message = request(id);
        message.mutable_send_chat()->set_text("hi");
        return message;
    }
    void greet(std::uint64_t connection) {
        open(connection);
        say(connection, hello());
    }
    // As signaling answers a Join.
    void admit(std::uint64_t request, std::uint64_t connection, std::uint64_t session,
               const std::vector<proto::HeldEpoch>& client_epochs = {}) {
        proto::ServerMessage joined;
        joined.set_request_id(2);
        joined.mutable_joined()->set_session_id(session);
        proto::ToGateway message;
        message.set_request_id(request);
        auto& body = *message.mutable_admit();
        body.set_connection_id(connection);
        body.set_session_id(session);
        body.set_server_message(joined.SerializeAsString());
        for (const auto& epoch : client_epochs) *body.add_client_epochs() = epoch;
        from(proto::SIGNALING, message);
    }
    // A client that is in a room.
    void join_as(std::uint64_t connection, std::uint64_t session) {
        greet(connection);
        say(connection, join(2));
        admit(to(proto::SIGNALING).request_id(), connection, session);
    }
    void service_up(proto::Service service, const std::vector<proto::HeldEpoch>& epochs = {}) {
        proto::ToGateway message;
        message.mutable_hello()->set_service(service);
        for (const auto& epoch : epochs) *message.mutable_hello()->add_held_epochs() = epoch;
        from(service, message);
    }
    void done(proto::Service service, std::uint64_t request) {
        proto::ToGateway message;
        message.set_request_id(request);
        message.mutable_done();
        from(service, message);
    }

    // ---- what the last call decided
    const proto::ToService& to(proto::Service service) const {
        for (const auto& one : out.to_service)
            if (one.service == service) return one.message;
        FAIL("nothing was sent to " << proto::Service_Name(service));
        std::abort();
    }
    static proto::ServerMessage message_in(const FrameOut& frame) {
        wire::FrameParser parser(1 << 20);
        REQUIRE(parser.append(*frame.frame));
        const auto view = parser.next();
        REQUIRE(view);
        REQUIRE(*view);
        proto::ServerMessage message;
        REQUIRE(message.ParseFromString(std::string(as_text((*view)->message))));
        return message;
    }
    // The one message that was sent, to this connection alone.
    proto::ServerMessage told(std::uint64_t connection) const {
        REQUIRE(out.frames.size() == 1);
        CHECK(out.frames[0].to == std::vector<ConnectionId>{{connection}});
        return message_in(out.frames[0]);
    }
    bool is_silent() const {
        return out.frames.empty() && out.to_service.empty() && out.closes.empty() && out.trusted.empty();
    }
};

}  // namespace connectsphere::gateway
