#include "services/signaling/signaling_engine.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "services/common/frames.hpp"
#include "services/common/metrics.hpp"
#include "services/common/password.hpp"

namespace connectsphere::signaling {

namespace {

std::string read_password_hash(const std::filesystem::path& file) {
    if (file.empty()) return {};
    std::ifstream stream(file);
    std::string hash;
    if (!(stream >> hash) || !is_password_hash(hash)) {
        throw std::runtime_error(
            "password_hash_file " + file.string() +
            " holds no password hash; make it with: cs-signaling --hash-password > FILE");
    }
    return hash;
}

}  // namespace

SignalingEngine::SignalingEngine(const EngineContext& context, const std::shared_ptr<Store>& store)
    : context_(context),
      directory_(context.entropy),
      journal_(store, context.offload),
      server_password_(read_password_hash(context.config.password_hash_file)) {
    if (store) adopt(store->load());
}

void SignalingEngine::adopt(Loaded loaded) {
    last_message_ = {loaded.last_message_id};
    for (auto& password : loaded.passwords) room_passwords_[password.room] = std::move(password.hash);
    for (const auto& record : loaded.sessions) {
        if (directory_.restore(record)) reconciled_ = false;
    }
}

void SignalingEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    switch (message.arm_case()) {
        case proto::ToService::kHello:
            on_gateway_hello(message.hello(), now, out);
            break;
        case proto::ToService::kClientRequest:
            on_request({message.request_id()}, message.client_request(), now, out);
            break;
        case proto::ToService::kConnectionLost:
            on_connection_lost(message.connection_lost(), now, out);
            break;
        default:
            break;
    }
}

void SignalingEngine::on_request(RequestId id, const proto::ClientRequest& body, Time now, Outbox& out) {
    proto::ClientMessage message;
    if (!message.ParseFromString(body.client_message())) return;  // the gateway parsed it: a fault of ours
    const Request request{.id = id,
                          .connection = {body.connection_id()},
                          .client_request = message.request_id(),
                          .peer_ip = body.peer_ip(),
                          .session = directory_.session({body.session_id()}),
                          .now = now};
    // A request may overtake the gateway's hello; until then we do not know who is connected.
    if (!reconciled_) return refuse(request, proto::UNAVAILABLE, "the server is starting; try again", out);
    const bool has_ended = body.session_id() != 0 && !request.session;
    if (has_ended) return refuse(request, proto::NOT_JOINED, "your session has ended; join again", out);
    switch (message.arm_case()) {
        case proto::ClientMessage::kJoin:
            return handle(request, message.join(), out);
        case proto::ClientMessage::kGetRoom:
            return handle(request, message.get_room(), out);
        case proto::ClientMessage::kListRooms:
            return handle(request, message.list_rooms(), out);
        case proto::ClientMessage::kGetHistory:
            return handle(request, message.get_history(), out);
        default:
            break;
    }
    if (!request.session) return refuse(request, proto::NOT_JOINED, "join a room first", out);
    switch (message.arm_case()) {
        case proto::ClientMessage::kLeave:
            return handle(request, message.leave(), out);
        case proto::ClientMessage::kSendChat:
            return handle(request, message.send_chat(), out);
        case proto::ClientMessage::kReact:
            return handle(request, message.react(), out);
        case proto::ClientMessage::kRaiseHand:
            return handle(request, message.raise_hand(), out);
        case proto::ClientMessage::kSetMediaState:
            return handle(request, message.set_media_state(), out);
        case proto::ClientMessage::kPublish:
            return handle(request, message.publish(), out);
        case proto::ClientMessage::kEditChat:
            return handle(request, message.edit_chat(), out);
        case proto::ClientMessage::kDeleteChat:
            return handle(request, message.delete_chat(), out);
        case proto::ClientMessage::kSetRoomPassword:
            return handle(request, message.set_room_password(), out);
        case proto::ClientMessage::kMute:
            return handle(request, message.mute(), out);
        case proto::ClientMessage::kRemove:
            return handle(request, message.remove(), out);
        case proto::ClientMessage::kSetRole:
            return handle(request, message.set_role(), out);
        default:
            return refuse(request, proto::BAD_REQUEST, "this server does not know the request", out);
    }
}

// ---- answers and events

void SignalingEngine::answer(const Request& request, proto::ServerMessage message, Outbox& out) {
    message.set_request_id(request.client_request);
    proto::ToGateway reply;
    reply.set_request_id(request.id.value);
    reply.mutable_answer()->set_server_message(message.SerializeAsString());
    out.to_gateway.push_back(std::move(reply));
}

void SignalingEngine::answer_done(const Request& request, Outbox& out) {
    proto::ServerMessage done;
    done.mutable_done();
    answer(request, std::move(done), out);
}

void SignalingEngine::refuse(const Request& request, proto::ErrorCode code, std::string_view text,
                             Outbox& out) {
    ++refused_;
    answer(request, error_message(request.client_request, code, text), out);
}

void SignalingEngine::refuse_for(const Request& request, Duration wait, std::string_view text, Outbox& out) {
    ++refused_;
    auto error = error_message(request.client_request, proto::RATE_LIMITED, text);
    error.mutable_error()->set_retry_after_ms(static_cast<std::uint32_t>(milliseconds(wait)) + 1);
    answer(request, std::move(error), out);
}

void SignalingEngine::deliver(const std::vector<SessionId>& to, const proto::ServerMessage& message,
                              Outbox& out) {
    if (to.empty()) return;
    proto::ToGateway event;
    auto& body = *event.mutable_deliver();
    for (const auto session : to) body.add_session_ids(session.value);
    body.set_server_message(message.SerializeAsString());
    out.to_gateway.push_back(std::move(event));
}

std::vector<SessionId> SignalingEngine::connected_members(const Room& room, SessionId except) {
    std::vector<SessionId> members;
    for (const auto id : room.members) {
        if (id != except && directory_.session(id)->connection) members.push_back(id);
    }
    return members;
}

void SignalingEngine::tell_updated(const Session& session, Time now, Outbox& out) {
    proto::ServerMessage event;
    *event.mutable_participant_updated()->mutable_participant() = session.participant;
    deliver(connected_members(*directory_.room(session.room)), event, out);
    touch(session.room, now, out);
    keep(session);
    journal_.commit(now, out);
}

void SignalingEngine::keep(const Session& session) { journal_.write(PutSession{directory_.record(session)}); }

std::uint64_t SignalingEngine::unix_ms(Time now) const {
    return static_cast<std::uint64_t>(milliseconds(context_.to_wall(now).time_since_epoch()));
}

// ---- state

proto::Room SignalingEngine::snapshot(const Room& room) {
    proto::Room message;
    message.set_room_id(room.id.value);
    message.set_name(room.name);
    for (const auto id : room.members) *message.add_participants() = directory_.session(id)->participant;
    return message;
}

void SignalingEngine::touch(RoomId room, Time now, Outbox& out) {
    auto& publication = publications_[room];
    if (publication.at == Time{} || now - publication.at >= kPublishGap) return publish_room(room, now, out);
    publication.dirty = true;
}

void SignalingEngine::publish_room(RoomId id, Time now, Outbox& out) {
    if (!reconciled_) return;
    const auto* room = directory_.room(id);
    if (!room) {
        publications_.erase(id);
        return publish_index(now, out);
    }
    auto& publication = publications_[id];
    const bool is_new = publication.at == Time{};
    publication = {.at = now, .dirty = false};
    auto& message = out.state.emplace_back();
    message.set_instance_id(context_.instance.value);
    message.set_version(++state_version_);
    *message.mutable_room() = snapshot(*room);
    if (is_new) publish_index(now, out);
    if (republish_at_ == kNever) republish_at_ = now + kRepublish;
}

void SignalingEngine::publish_index(Time, Outbox& out) {
    if (!reconciled_) return;
    auto& message = out.state.emplace_back();
    message.set_instance_id(context_.instance.value);
    message.set_version(++state_version_);
    message.mutable_index();
    for (const auto& [id, room] : directory_.rooms()) message.mutable_index()->add_room_ids(id.value);
}

void SignalingEngine::on_subscriber(Time now, Outbox& out) {
    if (!reconciled_ && reconcile_by_ == kNever) reconcile_by_ = now + kReconcileWait;
    for (const auto& [id, room] : directory_.rooms()) publish_room(id, now, out);
    publish_index(now, out);
}

void SignalingEngine::on_time(Time now, Outbox& out) {
    if (!reconciled_ && now >= reconcile_by_) on_gateway_hello({}, now, out);  // nobody is connected, then
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
        const auto id = expiries_.begin()->second;
        expiries_.erase(expiries_.begin());
        if (auto* session = directory_.session(id)) end(*session, proto::TIMED_OUT, now, out);
    }
    std::vector<RoomId> due;
    for (const auto& [id, publication] : publications_) {
        if (publication.dirty && publication.at + kPublishGap <= now) due.push_back(id);
    }
    for (const auto id : due) publish_room(id, now, out);
    if (now >= republish_at_) {
        republish_at_ = directory_.rooms().empty() ? kNever : now + kRepublish;
        on_subscriber(now, out);
    }
}

Time SignalingEngine::deadline() const {
    Time earliest = std::min(republish_at_, reconcile_by_);
    if (!expiries_.empty()) earliest = std::min(earliest, expiries_.begin()->first);
    for (const auto& [id, publication] : publications_) {
        if (publication.dirty) earliest = std::min(earliest, publication.at + kPublishGap);
    }
    return earliest;
}

void SignalingEngine::fill_beat(proto::Beat& beat) const {
    add_gauge(beat, "rooms", "Rooms that have members.", static_cast<double>(directory_.rooms().size()));
    add_gauge(beat, "participants", "Sessions in rooms.", static_cast<double>(directory_.sessions().size()));
    add_counter(beat, "signaling_joins_total", "Sessions that began.", static_cast<double>(joins_));
    add_counter(beat, "signaling_resumes_total", "Sessions that came back.", static_cast<double>(resumes_));
    add_counter(beat, "signaling_chat_messages_total", "Chat messages accepted.",
                static_cast<double>(chats_));
    add_counter(beat, "signaling_unkept_total", "Chat messages refused because the disk would not keep them.",
                static_cast<double>(unkept_));
    add_counter(beat, "signaling_refused_total", "Requests refused.", static_cast<double>(refused_));
}

}  // namespace connectsphere::signaling
