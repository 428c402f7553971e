// BrokerEngine: the screen plane. It knows who is in which room, and tells everyone who asks to share or
// watch a screen that this server can not do it yet, in one clear sentence and at once, on the control plane
// and on its own port alike.
#pragma once

#include "services/common/engine.hpp"
#include "services/common/rooms.hpp"

namespace connectsphere::screen_broker {

class BrokerEngine {
  public:
    explicit BrokerEngine(const EngineContext&) {}

    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_frame(ConnectionId connection, wire::FrameView frame, Time now, Outbox& out);
    void fill_beat(proto::Beat& beat);

  private:
    RoomMirror mirror_;  // who is where: what access to the plane is granted by
    std::uint64_t refused_ = 0;
};

}  // namespace connectsphere::screen_broker
