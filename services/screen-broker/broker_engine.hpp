// BrokerEngine: the screen plane. A participant asks for a ticket on the control plane, shows it here, and
// then presents its screen to the room or watches it. What it guarantees:
// - one session presents in a room at a time; who it is, is told to everybody; its place is free again when
//   it leaves or says nothing for 10 s, and a host or moderator can take it at any time;
// - pixels are never decoded here, every size, place and count is checked, memory is one screen a room;
// - a viewer gets the newest state at its own pace: a slow one skips, and nobody else notices;
// - a late viewer gets the whole picture at once, from here.
//
//   broker_engine.cpp      who comes in; frames; time
//   broker_presenting.cpp  the presenter's place
//   room_screen, viewer    the picture and who has how much of it
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "proto/client.pb.h"
#include "services/common/engine.hpp"
#include "services/common/plane_door.hpp"
#include "services/screen-broker/room_screen.hpp"

namespace connectsphere::screen_broker {

class BrokerEngine {
  public:
    static constexpr std::size_t kPart = 128 << 10;      // tile data in an update
    static constexpr std::size_t kAhead = 512 << 10;     // tile data of a presenter that is not taken yet
    static constexpr std::size_t kMaxWaiting = 16;       // sessions that ask for a room's place
    static constexpr std::size_t kMaxBytes = 512 << 20;  // of all screens together
    static constexpr Duration kSilence = 10s;            // then a presenter has lost its place
    static constexpr Duration kAlive = 3s;               // how often it has to say something
    static constexpr Duration kSettle =
        5s;  // after the start: presenters of an earlier life are back by then
    static constexpr Duration kRepeat =
        1s;  // who came in is told again: its connection may be younger than we know

    explicit BrokerEngine(const EngineContext& context);

    void on_port(std::uint16_t port) { door_.on_port(port); }
    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_frame(ConnectionId connection, wire::FrameView frame, Time now, Outbox& out);
    void on_close(ConnectionId connection, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const;
    void fill_beat(proto::Beat& beat) const;

  private:
    struct Waiting {
        ConnectionId connection;
        SessionId session;
        std::uint64_t request;
    };
    struct Room {
        explicit Room(std::size_t window) : screen(window) {}

        RoomScreen screen;
        SessionId presenter;  // zero: nobody
        ConnectionId line;    // of the presenter; zero: it is away for the moment
        Time heard_at{};      // from the presenter
        std::deque<Waiting> waiting;
    };
    // One message on a connection that has entered.
    struct Caller {
        ConnectionId id;
        SessionId session;
        RoomId room_id;
        Room& room;
        std::uint64_t request;
        Time now;
        Outbox& out;
    };

    void greet(RoomId id, proto::ScreenEntered& entered);
    void dispatch(const Caller& caller, const proto::ClientMessage& message, Bytes data);
    void update(const Caller& caller, const proto::ScreenUpdate& update, Bytes data);
    void cursor(const Caller& caller, const proto::ScreenCursor& cursor, Bytes image);
    void received(const Caller& caller, const proto::ScreenReceived& received);
    void tell_need(Room& room, Time now, Outbox& out);
    void break_off(const Caller& caller, const Error& error);
    Room& room(RoomId id);
    void forget_if_empty(RoomId id);

    // broker_presenting.cpp
    void start(const Caller& caller, const proto::StartPresenting& start);
    void grant(const Caller& caller, const proto::GrantPresenting& grant);
    void stop(const Caller& caller);
    void give_place(RoomId id, Room& room, const Waiting& to, SessionId by, Time now, Outbox& out);
    void take_place(Room& room, proto::PresentingEnd why, SessionId by, Outbox& out);
    void free_place(RoomId id, Room& room, Time now, Outbox& out);
    void forget_waiting(Room& room, ConnectionId connection);
    void announce(RoomId id, const Room& room, SessionId by, Outbox& out) const;
    void tell(SessionId session, const Room& room, Outbox& out) const;
    proto::PresenterChanged describe(const Room& room) const;
    bool is_moderator(SessionId session) const;

    void answer(const Caller& caller) const;  // Done
    void refuse(const Caller& caller, proto::ErrorCode code, std::string_view text);

    EngineContext context_;
    PlaneDoor door_;
    std::map<RoomId, Room> rooms_;                      // those with a connection or a presenter
    std::deque<std::pair<Time, SessionId>> newcomers_;  // to be told again
    Time settle_at_ = kNever;                           // set by the first state
    bool is_settled_ = false;
    struct {
        std::uint64_t refused = 0, updates = 0, malformed = 0, stray = 0, silent = 0;
    } counters_;
};

}  // namespace connectsphere::screen_broker
