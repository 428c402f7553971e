#include "services/gateway/gateway_engine.hpp"

#include <algorithm>
#include <cctype>

#include "services/common/frames.hpp"
#include "services/common/metrics.hpp"

namespace connectsphere::gateway {

namespace {

constexpr std::uint32_t kProtocolVersion = 1;

proto::Service service_of(proto::Plane plane) {
    return plane == proto::PLANE_AUDIO ? proto::AUDIO_MIXER : proto::VIDEO_RELAY;
}

std::optional<proto::Plane> udp_plane_of(proto::Service service) {
    if (service == proto::AUDIO_MIXER) return proto::PLANE_AUDIO;
    if (service == proto::VIDEO_RELAY) return proto::PLANE_VIDEO;
    return std::nullopt;
}

std::string away_text(proto::Service service) {
    std::string name = proto::Service_Name(service);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
    return "the " + name + " service is away for a moment; try again";
}

}  // namespace

GatewayEngine::GatewayEngine(const EngineContext& context) : context_(context), epochs_(context.entropy) {
    // A late answer to an earlier life of the gateway must not be taken for one of ours.
    std::array<std::uint8_t, 4> random{};
    context_.entropy(random);
    last_request_ = std::uint64_t{Reader(random).u32()} << 24;
}

// ---- clients

void GatewayEngine::on_open(ConnectionId id, const Address& peer, Time now, Outbox&) {
    const auto& limits = context_.config.limits;
    connections_.emplace(id,
                         Connection{.peer = peer,
                                    .session = {},
                                    .bucket = TokenBucket(limits.messages_per_second, limits.message_burst),
                                    .heard_at = now});
    sweep_at_ = std::min(sweep_at_, now + kSweepPeriod);
}

void GatewayEngine::on_frame(ConnectionId id, wire::FrameView frame, Time now, Outbox& out) {
    const auto it = connections_.find(id);
    if (it == connections_.end()) return;  // closed by us, its last frames still on the way
    auto& connection = it->second;
    connection.heard_at = now;
    proto::ClientMessage message;
    if (!message.ParseFromArray(frame.message.data(), static_cast<int>(frame.message.size())) ||
        !frame.data.empty()) {
        ++count(Counter::malformed);
        refuse(id, 0, proto::BAD_REQUEST, "this is not a ClientMessage of protocol version 1", out);
        out.closes.push_back(id);
        return;
    }
    handle(id, connection, message, frame.message, now, out);
    if (connection.faults > kMaxFaults) out.closes.push_back(id);
}

void GatewayEngine::handle(ConnectionId id, Connection& connection, const proto::ClientMessage& message,
                           Bytes raw, Time now, Outbox& out) {
    const auto request = message.request_id();
    const auto fault = [&](proto::ErrorCode code, std::string_view text) {
        ++connection.faults;
        refuse(id, request, code, text, out);
    };
    const auto route = routes_.find(message);
    if (!route) return fault(proto::BAD_REQUEST, "the message has no arm that this server knows");
    if (request == 0) return fault(proto::BAD_REQUEST, "request_id must not be 0");
    if (message.has_hello() && connection.greeted) return fault(proto::BAD_REQUEST, "Hello was said before");
    if (message.has_hello()) return greet(id, connection, message, out);
    if (!connection.greeted) return fault(proto::BAD_REQUEST, "the first message must be Hello");
    if (!connection.session && !route->before_joining) return fault(proto::NOT_JOINED, "join a room first");
    if (!route->unlimited && !connection.bucket.take(now)) {
        ++count(Counter::rate_limited);
        auto error = error_message(request, proto::RATE_LIMITED, "too many requests; wait a moment");
        error.mutable_error()->set_retry_after_ms(
            static_cast<std::uint32_t>(milliseconds(connection.bucket.wait(now)) + 1));
        return send(id, frame_of(error), out);
    }
    if (message.has_ping()) {
        proto::ServerMessage pong;
        pong.set_request_id(request);
        pong.mutable_pong()->set_client_time(message.ping().client_time());
        return send(id, frame_of(pong), out);
    }
    if (message.has_join() && connection.session)
        return fault(proto::ALREADY_JOINED, "this connection is in a room");
    forward(id, connection, route->service, request, raw, now, out);
}

void GatewayEngine::greet(ConnectionId id, Connection& connection, const proto::ClientMessage& message,
                          Outbox& out) {
    if (message.hello().protocol_version() != kProtocolVersion) {
        refuse(id, message.request_id(), proto::VERSION_MISMATCH,
               "this server speaks protocol version 1; update the client", out);
        out.closes.push_back(id);
        return;
    }
    connection.greeted = true;
    proto::ServerMessage reply;
    reply.set_request_id(message.request_id());
    auto& welcome = *reply.mutable_welcome();
    const auto& limits = context_.config.limits;
    welcome.set_protocol_version(kProtocolVersion);
    welcome.set_server_name(context_.config.server_name);
    welcome.set_software(std::string("connectsphere ") + CS_VERSION);
    welcome.set_keepalive_seconds(static_cast<std::uint32_t>(limits.keepalive.count()));
    welcome.mutable_limits()->set_name_bytes(limits.name_bytes);
    welcome.mutable_limits()->set_chat_bytes(limits.chat_bytes);
    welcome.mutable_limits()->set_room_members(limits.room_members);
    welcome.mutable_limits()->set_frame_bytes(limits.control_frame_bytes);
    welcome.mutable_limits()->set_messages_per_second(limits.messages_per_second);
    welcome.mutable_limits()->set_message_burst(limits.message_burst);
    send(id, frame_of(reply), out);
}

void GatewayEngine::forward(ConnectionId id, Connection& connection, proto::Service service,
                            std::uint64_t client_request, Bytes raw, Time now, Outbox& out) {
    if (connection.pending >= kMaxPending) {
        return refuse(id, client_request, proto::RATE_LIMITED,
                      "too many unanswered requests; wait for answers", out);
    }
    ++count(Counter::requests);
    ++connection.pending;
    const RequestId request{++last_request_};
    requests_.emplace(request, Request{.connection = id,
                                       .client_request = client_request,
                                       .service = service,
                                       .deadline = now + kRequestTimeout});
    proto::ToService message;
    message.set_request_id(request.value);
    auto& body = *message.mutable_client_request();
    body.set_connection_id(id.value);
    body.set_session_id(connection.session.value);
    body.set_peer_ip(connection.peer.ip_text());
    body.set_client_message(raw.data(), raw.size());
    out.to_service.push_back({service, std::move(message)});
}

void GatewayEngine::on_close(ConnectionId id, Time, Outbox& out) {
    const auto it = connections_.find(id);
    if (it == connections_.end()) return;
    const auto session = it->second.session;
    connections_.erase(it);
    const auto owner = by_session_.find(session);
    if (owner == by_session_.end() || owner->second != id) return;
    by_session_.erase(owner);
    epochs_.suspend(session);
    proto::ToService message;
    message.mutable_connection_lost()->set_connection_id(id.value);
    message.mutable_connection_lost()->set_session_id(session.value);
    out.to_service.push_back({proto::SIGNALING, std::move(message)});
}

// ---- services

void GatewayEngine::on_service(proto::Service service, const proto::ToGateway& message, Time now,
                               Outbox& out) {
    const RequestId request{message.request_id()};
    switch (message.arm_case()) {
        case proto::ToGateway::kHello:
            on_hello(service, message.hello(), now, out);
            break;
        case proto::ToGateway::kAnswer:
            on_answer(request, message.answer(), out);
            break;
        case proto::ToGateway::kAdmit:
            on_admit(request, message.admit(), now, out);
            break;
        case proto::ToGateway::kDeliver:
            on_deliver(message.deliver(), out);
            break;
        case proto::ToGateway::kDismiss:
            on_dismiss({message.dismiss().session_id()}, out);
            break;
        case proto::ToGateway::kDone:
            on_granted(request, out);
            break;
        case proto::ToGateway::kRenewKeys:
            on_renew(service, message.renew_keys(), now, out);
            break;
        case proto::ToGateway::ARM_NOT_SET:
            break;
    }
}

void GatewayEngine::on_hello(proto::Service service, const proto::ServiceHello& hello, Time now,
                             Outbox& out) {
    const auto plane = udp_plane_of(service);
    if (!plane) return;
    epochs_.service_up(*plane, {hello.held_epochs().begin(), hello.held_epochs().end()});
    grant_due(now, out);
}

void GatewayEngine::on_answer(RequestId request, const proto::Answer& answer, Outbox& out) {
    const auto it = requests_.find(request);
    if (it == requests_.end()) return;  // it came after its time: the client was told to try again
    const auto id = it->second.connection;
    requests_.erase(it);
    const auto connection = connections_.find(id);
    if (connection == connections_.end()) return;
    --connection->second.pending;
    send(id, frame_of(answer.server_message()), out);
}

void GatewayEngine::on_admit(RequestId request, const proto::Admit& admit, Time now, Outbox& out) {
    const auto asked = requests_.extract(request);  // empty: the client was told to try again
    const ConnectionId id{admit.connection_id()};
    const SessionId session{admit.session_id()};
    const auto it = connections_.find(id);
    if (it != connections_.end() && asked) --it->second.pending;
    // It left while signaling decided, or it asked twice and belongs to another session by now.
    if (it == connections_.end() || (it->second.session && it->second.session != session)) {
        proto::ToService lost;
        lost.mutable_connection_lost()->set_connection_id(id.value);
        lost.mutable_connection_lost()->set_session_id(session.value);
        out.to_service.push_back({proto::SIGNALING, std::move(lost)});
        if (it != connections_.end() && asked) {
            refuse(id, asked.mapped().client_request, proto::ALREADY_JOINED, "this connection is in a room",
                   out);
        }
        return;
    }
    if (const auto old = by_session_.find(session); old != by_session_.end() && old->second != id) {
        connections_.at(old->second).session = {};
        out.closes.push_back(old->second);
    }
    it->second.session = session;
    by_session_[session] = id;
    send(id, frame_of(admit.server_message()), out);
    out.trusted.push_back(id);
    epochs_.admit(session, admit.srtp_profile(),
                  {admit.client_epochs().begin(), admit.client_epochs().end()});
    grant_due(now, out);
}

void GatewayEngine::on_deliver(const proto::Deliver& deliver, Outbox& out) {
    FrameOut frame;
    for (const auto session : deliver.session_ids()) {
        const auto it = by_session_.find(SessionId{session});
        if (it != by_session_.end()) frame.to.push_back(it->second);
    }
    if (frame.to.empty()) return;
    count(Counter::delivered) += frame.to.size();
    frame.frame = frame_of(deliver.server_message());
    out.frames.push_back(std::move(frame));
}

void GatewayEngine::on_dismiss(SessionId session, Outbox& out) {
    epochs_.remove(session);
    for (const auto plane : KeyEpochs::kPlanes) {
        proto::ToService revoke;
        revoke.mutable_revoke_keys()->set_session_id(session.value);
        out.to_service.push_back({service_of(plane), std::move(revoke)});
    }
    const auto it = by_session_.find(session);
    if (it == by_session_.end()) return;
    connections_.at(it->second).session = {};
    out.closes.push_back(it->second);
    by_session_.erase(it);
}

void GatewayEngine::on_unsent(proto::Service, const proto::ToService& message, Time, Outbox& out) {
    grants_.erase({message.request_id()});
    fail_request({message.request_id()}, out);
}

// ---- keys

void GatewayEngine::grant_due(Time now, Outbox& out) {
    for (auto& grant : epochs_.due(now)) {
        const RequestId request{++last_request_};
        proto::ToService message;
        message.set_request_id(request.value);
        auto& keys = *message.mutable_grant_keys();
        keys.set_session_id(grant.session.value);
        keys.set_epoch(grant.keys.epoch());
        keys.set_profile(grant.keys.profile());
        *keys.mutable_from_client() = grant.keys.to_server();
        *keys.mutable_to_client() = grant.keys.to_client();
        out.to_service.push_back({service_of(grant.keys.plane()), std::move(message)});
        grants_[request] = std::move(grant);
    }
}

void GatewayEngine::on_renew(proto::Service service, const proto::RenewKeys& renew, Time now, Outbox& out) {
    const auto plane = udp_plane_of(service);
    if (!plane) return;
    epochs_.renew({renew.session_id()}, *plane, {renew.epoch()});
    grant_due(now, out);
}

void GatewayEngine::on_granted(RequestId request, Outbox& out) {
    const auto it = grants_.find(request);
    if (it == grants_.end()) return;
    const auto session = it->second.session;
    const auto plane = it->second.keys.plane();
    auto keys = epochs_.granted(session, plane, {it->second.keys.epoch()});
    grants_.erase(it);
    const auto connection = by_session_.find(session);
    if (!keys || connection == by_session_.end()) return;
    ++count(Counter::key_epochs);
    keys->set_port(plane == proto::PLANE_AUDIO ? context_.ports.audio : context_.ports.video);
    proto::ServerMessage message;
    *message.mutable_media_keys() = std::move(*keys);
    send(connection->second, frame_of(message), out);
}

// ---- time

void GatewayEngine::on_time(Time now, Outbox& out) {
    while (!requests_.empty() && requests_.begin()->second.deadline <= now) {
        ++count(Counter::timeouts);
        fail_request(requests_.begin()->first, out);
    }
    // Grants that were never answered: a repeated one has a number of its own.
    std::erase_if(grants_, [&](const auto& grant) { return grant.first.value + 10'000 < last_request_; });
    grant_due(now, out);
    if (now < sweep_at_) return;
    // A client that says nothing for three keepalive periods is gone, whatever TCP believes.
    // Found within three periods, the sweep's own included.
    const auto patience = 3 * context_.config.limits.keepalive - kSweepPeriod;
    for (const auto& [id, connection] : connections_) {
        if (now - connection.heard_at > patience) out.drops.push_back(id);
    }
    sweep_at_ = connections_.empty() ? kNever : now + kSweepPeriod;
}

Time GatewayEngine::deadline() const {
    const Time request = requests_.empty() ? kNever : requests_.begin()->second.deadline;
    return std::min({request, epochs_.deadline(), sweep_at_});
}

// ---- answers

void GatewayEngine::fail_request(RequestId id, Outbox& out) {
    const auto it = requests_.find(id);
    if (it == requests_.end()) return;
    const auto request = it->second;
    requests_.erase(it);
    if (const auto connection = connections_.find(request.connection); connection != connections_.end()) {
        --connection->second.pending;
        refuse(request.connection, request.client_request, proto::UNAVAILABLE, away_text(request.service),
               out);
    }
}

void GatewayEngine::refuse(ConnectionId id, std::uint64_t client_request, proto::ErrorCode code,
                           std::string_view text, Outbox& out) {
    ++count(Counter::refused);
    send(id, frame_of(error_message(client_request, code, text)), out);
}

void GatewayEngine::send(ConnectionId connection, std::shared_ptr<const Buffer> frame, Outbox& out) {
    out.frames.push_back({.to = {connection}, .frame = std::move(frame)});
}

void GatewayEngine::fill_gateway_hello(proto::Service service, proto::GatewayHello& hello) const {
    if (service != proto::SIGNALING) return;  // the others need no names
    for (const auto& [session, connection] : by_session_) {
        auto& live = *hello.add_connections();
        live.set_connection_id(connection.value);
        live.set_session_id(session.value);
    }
}

void GatewayEngine::fill_beat(proto::Beat& beat) const {
    const auto value = [&](Counter counter) {
        return static_cast<double>(counters_[static_cast<std::size_t>(counter)]);
    };
    add_gauge(beat, "gateway_connections", "TCP connections on the control plane.",
              static_cast<double>(connections_.size()));
    add_gauge(beat, "gateway_sessions", "Sessions that are connected.",
              static_cast<double>(by_session_.size()));
    add_counter(beat, "gateway_requests_total", "Requests passed to services.", value(Counter::requests));
    add_counter(beat, "gateway_refused_total", "Requests refused by the gateway.", value(Counter::refused));
    add_counter(beat, "gateway_timeouts_total", "Requests that no service answered in time.",
                value(Counter::timeouts));
    add_counter(beat, "gateway_delivered_total", "Events sent to clients, once per client.",
                value(Counter::delivered));
    add_counter(beat, "gateway_malformed_total", "Frames that held no message.", value(Counter::malformed));
    add_counter(beat, "gateway_rate_limited_total", "Requests over a session's rate.",
                value(Counter::rate_limited));
    add_counter(beat, "gateway_key_epochs_total", "Key epochs told to clients.", value(Counter::key_epochs));
}

}  // namespace connectsphere::gateway
