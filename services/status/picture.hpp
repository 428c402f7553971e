// The picture of the whole, as the renderers take it: what a person or a monitoring system wants to know,
// already judged. A Picture borrows from the engine that made it and is read before the engine is called
// again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/time.hpp"
#include "proto/bus.pb.h"
#include "services/common/config.hpp"
#include "services/status/history.hpp"

namespace connectsphere::status {

enum class ServiceState {
    starting,  // not heard yet and still within its time to start, or heard and not ready for the first time
    ready,
    degraded,  // it works with a limitation, or was ready and is not now; `reason` says which
    silent,    // no beat for kSilence
};

std::string_view name(ServiceState state);

struct ServiceView {
    proto::Service service{};
    ServiceState state{};
    bool is_ready = false;
    std::string reason{};       // empty when ready
    Duration uptime{};          // zero unless it is heard
    unsigned restarts = 0;      // new instances since status itself started
    const proto::Beat* beat{};  // the newest; nullptr: never heard
    bool is_heard() const { return beat && state != ServiceState::silent; }
};

// What one plane measures of one participant.
struct FiguresView {
    std::string_view plane;  // "audio", "video"
    const proto::SessionFigures* figures;
};

struct ParticipantView {
    const proto::Participant* participant;
    std::vector<FiguresView> figures;
};

struct RoomView {
    const proto::Room* room;
    std::vector<ParticipantView> participants{};  // in the order in which they joined
};

struct Picture {
    std::string server_name;
    WallTime time{};
    bool is_ready = false;
    std::vector<std::string> reasons;  // why not ready: one sentence a service
    std::vector<ServiceView> services;
    std::vector<RoomView> rooms;  // by name
    const Config::Limits* limits{};
    const History* history{};
};

// The three answers, each in its own file with its own library.
std::string to_json(const Picture& picture);        // status_json.cpp: /status
std::string to_prometheus(const Picture& picture);  // prometheus.cpp: /metrics
std::string ready_json(const Picture& picture);     // status_json.cpp: /readyz

}  // namespace connectsphere::status
