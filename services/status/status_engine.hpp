// StatusEngine: the picture of the whole. Beats say how each service is, signaling's snapshots say who is in
// which room; picture() judges both at a moment. A service that has not been heard for kSilence is silent,
// and the server is ready while every service is heard and says that it is ready.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "lib/base/time.hpp"
#include "services/common/engine.hpp"
#include "services/common/rooms.hpp"
#include "services/status/picture.hpp"

namespace connectsphere::status {

constexpr Duration kSilence = 3s;  // three beats missed

using FiguresBySession = std::unordered_map<SessionId, std::vector<FiguresView>>;

class StatusEngine {
  public:
    explicit StatusEngine(const EngineContext& context) : context_(context) {}

    void on_beat(const proto::Beat& beat, Time now);
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const { return next_sample_; }

    // Borrowed from this engine: valid until its next call.
    Picture picture(Time now) const;

  private:
    struct Life {
        proto::Beat beat;  // the newest
        Time heard_at{};
        std::uint64_t previous_instance = 0;  // its last beats may still be under way: they change nothing
        bool was_ready = false;               // in this instance
        unsigned restarts = 0;
    };

    ServiceView view(proto::Service service, Time now) const;
    FiguresBySession figures(Time now) const;

    EngineContext context_;
    RoomMirror mirror_;
    std::map<proto::Service, Life> lives_;
    History history_;
    Time started_at_ = kNever;  // when this engine was first called
    Time last_sample_{};
    Time next_sample_{};  // the first call of on_time starts the clock
};

}  // namespace connectsphere::status
