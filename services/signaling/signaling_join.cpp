// Coming and going: join, resume, leave, a lost connection, a gateway that is new.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "services/common/frames.hpp"
#include "services/common/password.hpp"
#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/text.hpp"

namespace connectsphere::signaling {

namespace {

constexpr double kWrongPasswordsPerSecond = 0.2;
constexpr double kWrongPasswordsAtOnce = 5;
constexpr std::size_t kMaxAddresses = 10'000;

}  // namespace

void SignalingEngine::handle(const Request& request, const proto::Join& join, Outbox& out) {
    if (request.session) return refuse(request, proto::ALREADY_JOINED, "this session is in a room", out);
    if (!join.resume_token().empty()) {
        if (auto* session = directory_.session_by_token(as_bytes(join.resume_token()))) {
            return resume(request, join, *session, out);
        }
        return refuse(request, proto::BAD_TOKEN, "the session to return to has ended; join as new", out);
    }
    authorize(request, canonical_name(join.room()), join.password(), out,
              [this, request, join](Time now, Outbox& later) {
                  auto again = request;
                  again.now = now;
                  join_new(again, join, later);
              });
}

void SignalingEngine::authorize(const Request& request, const std::string& room, const std::string& password,
                                Outbox& out, std::function<void(Time, Outbox&)> then) {
    const auto of_room = room_passwords_.find(room);
    const auto& hash = of_room == room_passwords_.end() ? server_password_ : of_room->second;
    if (hash.empty()) return then(request.now, out);
    if (password.empty()) return refuse(request, proto::WRONG_PASSWORD, "a password is needed here", out);
    if (wrong_passwords_.size() > kMaxAddresses) wrong_passwords_.clear();
    auto& tries =
        wrong_passwords_.try_emplace(request.peer_ip, kWrongPasswordsPerSecond, kWrongPasswordsAtOnce)
            .first->second;
    if (checks_ >= kMaxChecks || tries.wait(request.now) > Duration{}) {
        return refuse_for(request, tries.wait(request.now) + 100ms, "too many wrong passwords; wait a moment",
                          out);
    }
    ++checks_;
    const auto matches = std::make_shared<bool>(false);
    const auto check = [matches, password, hash] { *matches = matches_password(password, hash); };
    const auto decide = [this, matches, request, then = std::move(then)](Time now, Outbox& later) {
        --checks_;
        if (*matches) return then(now, later);
        if (const auto it = wrong_passwords_.find(request.peer_ip); it != wrong_passwords_.end())
            (void)it->second.take(now);
        refuse(request, proto::WRONG_PASSWORD, "the password is wrong", later);
    };
    if (context_.offload) return context_.offload(check, decide);
    check();
    decide(request.now, out);
}

void SignalingEngine::join_new(const Request& request, const proto::Join& join, Outbox& out) {
    const auto& limits = context_.config.limits;
    if (const auto fault = fault_in_line("the name", join.name(), limits.name_bytes)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    if (const auto fault = fault_in_line("the room's name", join.room(), limits.name_bytes)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    const auto name = canonical_name(join.name());
    const auto room_name = canonical_name(join.room());
    auto* room = directory_.room_by_name(room_name);
    if (!room && directory_.rooms().size() >= limits.rooms) {
        return refuse(request, proto::SERVER_FULL, "the server has no place for another room", out);
    }
    if (room && room->members.size() >= limits.room_members) {
        return refuse(request, proto::ROOM_FULL, "the room is full", out);
    }
    if (room && directory_.member_by_name(*room, name)) {
        auto error = proto::ServerMessage();
        error.mutable_error()->set_code(proto::NAME_TAKEN);
        error.mutable_error()->set_suggestion(directory_.free_name(*room, name, limits.name_bytes));
        error.mutable_error()->set_text("\"" + name + "\" is taken in this room; \"" +
                                        error.error().suggestion() + "\" is free");
        ++refused_;
        return answer(request, std::move(error), out);
    }
    if (!room) room = &directory_.add_room(room_name);
    auto& session = directory_.add_session(*room, name);
    session.participant.set_joined_at(unix_ms(request.now));
    auto& audio = *session.participant.add_streams();
    audio.set_stream_id(1);
    audio.set_kind(proto::AUDIO);
    audio.add_encodings()->set_codec(proto::OPUS);
    audio.mutable_encodings(0)->set_ssrc(session.participant.audio_ssrc());
    ++joins_;
    admit(request, join, session, false, out);
    proto::ServerMessage event;
    *event.mutable_participant_joined()->mutable_participant() = session.participant;
    deliver(connected_members(*room, session.id), event, out);
    touch(room->id, request.now, out);
    const auto wanted = join.has_history() ? join.history() : context_.config.chat.replay_messages;
    replay(session, {.room = room->name, .search = {}, .limit = std::min(wanted, kMaxReplay)}, request.now,
           out);
}

// What was said before, to one session, after it was admitted.
void SignalingEngine::replay(const Session& session, HistoryQuery query, Time now, Outbox& out) {
    if (query.limit == 0) return;
    query.up_to_message = last_message_.value;  // newer ones come live
    journal_.read<proto::History>(
        [query](Store& store) { return store.history(query); },
        [this, id = session.id](const Result<proto::History>& history, Time, Outbox& later) {
            if (!history || history->messages().empty()) return;
            proto::ServerMessage event;
            *event.mutable_history() = *history;
            deliver({id}, event, later);
        },
        now, out);
}

void SignalingEngine::resume(const Request& request, const proto::Join& join, Session& session, Outbox& out) {
    expiries_.erase({session.expires_at, session.id});
    session.expires_at = kNever;
    const bool was_away = !session.connection;
    ++resumes_;
    admit(request, join, session, true, out);
    if (was_away) tell_updated(session, request.now, out);
    replay(session,
           {.room = directory_.room(session.room)->name,
            .viewer = session.id.value,
            .after_message = join.last_message_id(),
            .search = {},
            .limit = kMaxHistory},
           request.now, out);
}

void SignalingEngine::admit(const Request& request, const proto::Join& join, Session& session, bool resumed,
                            Outbox& out) {
    session.connection = request.connection;
    session.peer_ip = request.peer_ip;
    session.participant.set_connected(true);
    if (join.srtp_profile() != proto::SRTP_PROFILE_UNSPECIFIED) session.srtp_profile = join.srtp_profile();
    const auto token = directory_.rotate_token(session, as_bytes(join.resume_token()));

    proto::ServerMessage reply;
    reply.set_request_id(request.client_request);
    auto& joined = *reply.mutable_joined();
    joined.set_session_id(session.id.value);
    joined.set_resume_token(token.data(), token.size());
    joined.set_resume_seconds(static_cast<std::uint32_t>(context_.config.limits.resume.count()));
    joined.set_resumed(resumed);
    joined.set_server_time(unix_ms(request.now));
    *joined.mutable_room() = snapshot(*directory_.room(session.room));

    proto::ToGateway message;
    message.set_request_id(request.id.value);
    auto& admit = *message.mutable_admit();
    admit.set_connection_id(request.connection.value);
    admit.set_session_id(session.id.value);
    admit.set_srtp_profile(session.srtp_profile);
    admit.set_server_message(reply.SerializeAsString());
    *admit.mutable_client_epochs() = join.held_epochs();
    out.to_gateway.push_back(std::move(message));
    keep(session);
    journal_.commit(request.now, out);
}

void SignalingEngine::handle(const Request& request, const proto::Leave&, Outbox& out) {
    answer_done(request, out);
    end(*request.session, proto::LEFT, request.now, out);
}

void SignalingEngine::on_connection_lost(const proto::ConnectionLost& lost, Time now, Outbox& out) {
    auto* session = directory_.session({lost.session_id()});
    // It may have come back on another connection before the loss of the old one was noticed.
    if (session && session->connection == ConnectionId{lost.connection_id()}) lose(*session, now, out);
}

void SignalingEngine::lose(Session& session, Time now, Outbox& out) {
    session.connection = {};
    session.participant.set_connected(false);
    session.expires_at = now + context_.config.limits.resume;
    expiries_.insert({session.expires_at, session.id});
    tell_updated(session, now, out);
}

void SignalingEngine::end(Session& session, proto::LeaveReason reason, Time now, Outbox& out) {
    const auto id = session.id;
    const auto room = session.room;
    proto::ServerMessage event;
    auto& left = *event.mutable_participant_left();
    left.set_session_id(id.value);
    left.set_name(session.participant.name());
    left.set_reason(reason);
    expiries_.erase({session.expires_at, id});
    directory_.remove_session(id);
    journal_.write(DropSession{id.value});
    journal_.commit(now, out);
    proto::ToGateway dismiss;
    dismiss.mutable_dismiss()->set_session_id(id.value);
    out.to_gateway.push_back(std::move(dismiss));
    if (const auto* home = directory_.room(room)) {
        deliver(connected_members(*home), event, out);
        choose_host(*home, now, out);
    }
    touch(room, now, out);
}

// The gateway says who is connected: sessions that we believe connected and it does not know are lost;
// connections of sessions that have ended are dismissed. After a restart this is what makes the reloaded
// sessions true again.
void SignalingEngine::on_gateway_hello(const proto::GatewayHello& hello, Time now, Outbox& out) {
    reconcile_by_ = kNever;
    std::unordered_map<SessionId, ConnectionId> live;
    for (const auto& entry : hello.connections()) live[{entry.session_id()}] = {entry.connection_id()};
    std::vector<SessionId> lost;
    for (const auto& [id, session] : directory_.sessions()) {
        const auto it = live.find(id);
        const bool is_live = it != live.end() && (!session.connection || it->second == session.connection);
        const bool believed = session.participant.connected() || session.expires_at == kNever;
        if (!is_live && believed) lost.push_back(id);
    }
    for (const auto id : lost) lose(*directory_.session(id), now, out);
    for (const auto& [id, connection] : live) {
        auto* session = directory_.session(id);
        if (!session) {
            proto::ToGateway dismiss;
            dismiss.mutable_dismiss()->set_session_id(id.value);
            out.to_gateway.push_back(std::move(dismiss));
        } else if (!session->connection) {
            expiries_.erase({session->expires_at, id});
            session->expires_at = kNever;
            session->connection = connection;
            if (session->participant.connected()) continue;
            session->participant.set_connected(true);
            tell_updated(*session, now, out);
        }
    }
    if (!std::exchange(reconciled_, true)) on_subscriber(now, out);  // all at once, and true from the first
}

}  // namespace connectsphere::signaling
