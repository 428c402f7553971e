// PlaneDoor: the entrance of a bulk plane (files, screen). A participant asks for a ticket on the control
// plane and shows it on a connection of the plane, which then belongs to its session for as long as that is
// in its room. Everybody else is told what to do, and shown out.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>

#include "proto/client.pb.h"
#include "services/common/engine.hpp"
#include "services/common/rooms.hpp"
#include "services/common/tickets.hpp"

namespace connectsphere {

class PlaneDoor {
  public:
    static constexpr std::size_t kMaxConnections = 4;  // of a session

    struct Guest {
        SessionId session;
        RoomId room;
    };
    // What the plane tells a guest who has just come in, beside the id of its request.
    using Greet = std::function<void(const Guest&, proto::ServerMessage&)>;

    PlaneDoor(proto::Plane plane, Entropy entropy, Greet greet);

    void on_port(std::uint16_t port) { port_ = port; }
    // The control plane: a ticket for who may come in.
    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    // Rooms and sessions as signaling publishes them; whoever has left loses its connections.
    RoomMirror::Change on_state(const proto::StateMessage& message, Outbox& out);
    // A frame's message, when it is one and a guest has sent it; it comes in, or is shown out, in here.
    std::optional<Guest> on_frame(ConnectionId id, Bytes bytes, proto::ClientMessage& message, Time now,
                                  Outbox& out);
    void on_close(ConnectionId id) { guests_.erase(id); }

    const RoomMirror& mirror() const { return mirror_; }
    const std::unordered_map<ConnectionId, Guest>& guests() const { return guests_; }
    std::uint64_t refused() const { return refused_; }  // requests for tickets, and strangers

  private:
    bool is_asked_for(const proto::ClientMessage& message) const;
    const std::string* ticket_in(const proto::ClientMessage& message) const;
    void enter(ConnectionId id, std::uint64_t request, Bytes ticket, Time now, Outbox& out);
    void show_out(ConnectionId id, std::uint64_t request, proto::ErrorCode code, const char* text,
                  Outbox& out);

    proto::Plane plane_;
    Entropy entropy_;
    Greet greet_;
    RoomMirror mirror_;  // who is where: what access to the plane is granted by
    Tickets tickets_;
    std::uint16_t port_ = 0;
    std::unordered_map<ConnectionId, Guest> guests_;
    std::uint64_t refused_ = 0;
};

}  // namespace connectsphere
