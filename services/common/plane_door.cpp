#include "services/common/plane_door.hpp"

#include <algorithm>

#include "services/common/answers.hpp"

namespace connectsphere {

namespace {

constexpr std::uint32_t kRetrySoon = 100;  // ms: what a ticket needs is on its way to this service

}  // namespace

PlaneDoor::PlaneDoor(proto::Plane plane, Entropy entropy, Greet greet)
    : plane_(plane), entropy_(std::move(entropy)), greet_(std::move(greet)) {}

bool PlaneDoor::is_asked_for(const proto::ClientMessage& message) const {
    return plane_ == proto::PLANE_FILES ? message.has_open_files() : message.has_open_screen();
}

const std::string* PlaneDoor::ticket_in(const proto::ClientMessage& message) const {
    if (plane_ == proto::PLANE_FILES)
        return message.has_enter_files() ? &message.enter_files().ticket() : nullptr;
    return message.has_enter_screen() ? &message.enter_screen().ticket() : nullptr;
}

// ---- the control plane

void PlaneDoor::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    if (!message.has_client_request()) return;
    proto::ClientMessage asked;
    const auto refuse = [&](proto::ErrorCode code, const char* text, std::uint32_t retry = 0) {
        ++refused_;
        auto reply = error_message(asked.request_id(), code, text);
        reply.mutable_error()->set_retry_after_ms(retry);
        out.to_gateway.push_back(answer(message.request_id(), reply));
    };
    if (!asked.ParseFromString(message.client_request().client_message()))
        return refuse(proto::BAD_REQUEST, "This is not a ClientMessage.");
    if (!is_asked_for(asked))
        return refuse(proto::BAD_REQUEST,
                      "This belongs on a plane of its own; OpenFiles or OpenScreen is the way there.");
    const SessionId session{message.client_request().session_id()};
    const auto room = mirror_.room_of(session);
    if (!room || port_ == 0)  // signaling's newest snapshot is on its way, or this service has just started
        return refuse(proto::UNAVAILABLE, "Try again in a moment.", kRetrySoon);
    const auto ticket = tickets_.issue({.session = session, .room = *room}, entropy_, now);
    if (!ticket) return refuse(proto::RATE_LIMITED, "Too many tickets.", 30'000);
    proto::ServerMessage reply;
    reply.set_request_id(asked.request_id());
    reply.mutable_ticket()->set_plane(plane_);
    reply.mutable_ticket()->set_ticket(ticket->data(), ticket->size());
    reply.mutable_ticket()->set_port(port_);
    out.to_gateway.push_back(answer(message.request_id(), reply));
}

RoomMirror::Change PlaneDoor::on_state(const proto::StateMessage& message, Outbox& out) {
    auto change = mirror_.apply(message);
    for (const auto session : change.left) {
        for (const auto& [id, guest] : guests_) {
            if (guest.session == session) out.closes.push_back(id);  // the engine's on_close does the rest
        }
    }
    return change;
}

// ---- the plane

std::optional<PlaneDoor::Guest> PlaneDoor::on_frame(ConnectionId id, Bytes bytes,
                                                    proto::ClientMessage& message, Time now, Outbox& out) {
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        show_out(id, 0, proto::BAD_REQUEST, "This is not a ClientMessage.", out);
        return std::nullopt;
    }
    const auto known = guests_.find(id);
    if (known == guests_.end()) {
        if (const auto* ticket = ticket_in(message))
            enter(id, message.request_id(), as_bytes(*ticket), now, out);
        else
            show_out(id, message.request_id(), proto::NOT_JOINED,
                     "Show a ticket first: EnterFiles or EnterScreen.", out);
        return std::nullopt;
    }
    if (mirror_.room_of(known->second.session) == known->second.room) return known->second;
    out.closes.push_back(id);  // it has left the room
    return std::nullopt;
}

void PlaneDoor::enter(ConnectionId id, std::uint64_t request, Bytes ticket, Time now, Outbox& out) {
    const auto holder = tickets_.redeem(ticket, now);
    if (!holder || mirror_.room_of(holder->session) != holder->room)
        return show_out(id, request, proto::BAD_TOKEN,
                        "The ticket is wrong, used or too old: ask for a new one.", out);
    const auto open = std::count_if(guests_.begin(), guests_.end(), [&](const auto& guest) {
        return guest.second.session == holder->session;
    });
    if (static_cast<std::size_t>(open) >= kMaxConnections)
        return show_out(id, request, proto::SERVER_FULL,
                        "This session has too many connections to this plane already.", out);
    const Guest guest{.session = holder->session, .room = holder->room};
    guests_[id] = guest;
    out.trusted.push_back(id);
    proto::ServerMessage reply;
    reply.set_request_id(request);
    greet_(guest, reply);
    out.frames.push_back(frame_to(id, reply));
}

void PlaneDoor::show_out(ConnectionId id, std::uint64_t request, proto::ErrorCode code, const char* text,
                         Outbox& out) {
    ++refused_;
    out.frames.push_back(frame_to(id, error_message(request, code, text)));
    out.closes.push_back(id);
}

}  // namespace connectsphere
