// The mixer's figures for status.
#pragma once

#include <cstddef>

#include "proto/bus.pb.h"
#include "services/audio-mixer/counters.hpp"
#include "services/audio-mixer/room_mixer.hpp"
#include "services/audio-mixer/tick_schedule.hpp"
#include "services/common/media_plane.hpp"

namespace connectsphere::mixer {

struct Figures {
    std::size_t rooms;
    std::size_t participants;
    std::size_t active_rooms;
    const Counters& counters;
    const MediaSessions& sessions;
    const TickSchedule& schedule;
};

void add_figures(proto::Beat& beat, const Figures& figures);
void add_session_figures(proto::Beat& beat, const Member& member);

}  // namespace connectsphere::mixer
