// The presenter's place: one session of a room holds it.
//
//   StartPresenting ─► free, or one's own, or taken over ─► Done, PresentNeed, ScreenUpdate …
//                  └─► asks ─► waits ─► granted, or first in line when it is free ─► Done …
#include <algorithm>

#include "services/common/answers.hpp"
#include "services/screen-broker/broker_engine.hpp"

namespace connectsphere::screen_broker {

namespace {

proto::ToGateway deliver(const google::protobuf::Message& serialised, const std::vector<SessionId>& to) {
    proto::ToGateway message;
    for (const auto session : to) message.mutable_deliver()->add_session_ids(session.value);
    message.mutable_deliver()->set_server_message(serialised.SerializeAsString());
    return message;
}

}  // namespace

bool BrokerEngine::is_moderator(SessionId session) const {
    const auto* participant = door_.mirror().participant(session);
    return participant && (participant->role() == proto::HOST || participant->role() == proto::MODERATOR);
}

void BrokerEngine::start(const Caller& caller, const proto::StartPresenting& start) {
    auto& room = caller.room;
    const Waiting who{.connection = caller.id, .session = caller.session, .request = caller.request};
    const auto* participant = door_.mirror().participant(caller.session);
    if (participant && participant->role() == proto::LISTENER)
        return refuse(caller, proto::FORBIDDEN, "Listeners do not present.");
    if (!room.presenter || room.presenter == caller.session)
        return give_place(caller.room_id, room, who, {}, caller.now, caller.out);
    if (start.take_over()) {
        if (!is_moderator(caller.session))
            return refuse(caller, proto::FORBIDDEN,
                          "Only the host or a moderator can take over; ask for the place.");
        take_place(room, proto::TAKEN_OVER, caller.session, caller.out);
        return give_place(caller.room_id, room, who, caller.session, caller.now, caller.out);
    }
    if (!start.ask())
        return refuse(caller, proto::FORBIDDEN, describe(room).name() + " is presenting. Ask for the place.");
    forget_waiting(room, caller.id);
    if (room.waiting.size() >= kMaxWaiting)
        return refuse(caller, proto::SERVER_FULL, "Too many are waiting for the place already.");
    room.waiting.push_back(who);
    proto::ServerMessage event;
    event.mutable_presenting_requested()->set_session_id(caller.session.value);
    if (participant) event.mutable_presenting_requested()->set_name(participant->name());
    caller.out.to_gateway.push_back(deliver(event, {room.presenter}));
}

void BrokerEngine::grant(const Caller& caller, const proto::GrantPresenting& grant) {
    auto& room = caller.room;
    if (room.presenter != caller.session && !is_moderator(caller.session))
        return refuse(caller, proto::FORBIDDEN,
                      "Only the presenter, the host or a moderator can give the place.");
    const auto to = std::find_if(room.waiting.begin(), room.waiting.end(), [&](const Waiting& waiting) {
        return waiting.session.value == grant.session_id();
    });
    if (to == room.waiting.end()) return refuse(caller, proto::NOT_FOUND, "That participant has not asked.");
    const auto waiting = *to;
    take_place(room, proto::GRANTED, waiting.session, caller.out);
    answer(caller);
    give_place(caller.room_id, room, waiting, caller.session, caller.now, caller.out);
}

void BrokerEngine::stop(const Caller& caller) {
    forget_waiting(caller.room, caller.id);
    answer(caller);
    if (caller.room.presenter == caller.session)
        free_place(caller.room_id, caller.room, caller.now, caller.out);
}

// Also to the session that holds it, on another connection or again: its picture begins anew.
void BrokerEngine::give_place(RoomId id, Room& room, const Waiting& to, SessionId by, Time now, Outbox& out) {
    const bool is_other = room.presenter != to.session;
    forget_waiting(room, to.connection);
    if (is_other) room.screen.clear(out);
    if (room.line && room.line != to.connection) take_place(room, proto::TAKEN_OVER, to.session, out);
    room.presenter = to.session;
    room.line = to.connection;
    room.heard_at = now;
    room.screen.expect_first();
    proto::ServerMessage done;
    done.set_request_id(to.request);
    done.mutable_done();
    out.frames.push_back(frame_to(to.connection, done));
    if (is_other) announce(id, room, by, out);
    tell_need(room, now, out);
}

void BrokerEngine::take_place(Room& room, proto::PresentingEnd why, SessionId by, Outbox& out) {
    if (!room.line) return;
    proto::ServerMessage event;
    event.mutable_presenting_ended()->set_why(why);
    event.mutable_presenting_ended()->set_by_session_id(by.value);
    out.frames.push_back(frame_to(room.line, event));
    room.line = {};
}

// To the first in line, or to nobody.
void BrokerEngine::free_place(RoomId id, Room& room, Time now, Outbox& out) {
    room.line = {};
    if (!room.waiting.empty()) return give_place(id, room, Waiting(room.waiting.front()), {}, now, out);
    room.presenter = {};
    room.screen.clear(out);
    announce(id, room, {}, out);
}

void BrokerEngine::forget_waiting(Room& room, ConnectionId connection) {
    std::erase_if(room.waiting, [&](const Waiting& waiting) { return waiting.connection == connection; });
}

// ---- telling people

proto::PresenterChanged BrokerEngine::describe(const Room& room) const {
    proto::PresenterChanged out;
    out.set_session_id(room.presenter.value);
    if (const auto* participant = door_.mirror().participant(room.presenter))
        out.set_name(participant->name());
    return out;
}

void BrokerEngine::announce(RoomId id, const Room& room, SessionId by, Outbox& out) const {
    const auto* members = door_.mirror().room(id);
    if (!members) return;
    proto::ServerMessage event;
    *event.mutable_presenter_changed() = describe(room);
    event.mutable_presenter_changed()->set_by_session_id(by.value);
    std::vector<SessionId> to;
    for (const auto& participant : members->participants()) to.push_back({participant.session_id()});
    out.to_gateway.push_back(deliver(event, to));
}

void BrokerEngine::tell(SessionId session, const Room& room, Outbox& out) const {
    proto::ServerMessage event;
    *event.mutable_presenter_changed() = describe(room);
    out.to_gateway.push_back(deliver(event, {session}));
}

void BrokerEngine::answer(const Caller& caller) const {
    proto::ServerMessage reply;
    reply.set_request_id(caller.request);
    reply.mutable_done();
    caller.out.frames.push_back(frame_to(caller.id, reply));
}

void BrokerEngine::refuse(const Caller& caller, proto::ErrorCode code, std::string_view text) {
    ++counters_.refused;
    caller.out.frames.push_back(frame_to(caller.id, error_message(caller.request, code, text)));
}

}  // namespace connectsphere::screen_broker
