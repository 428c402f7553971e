// What the mixer counts, for status. Plain numbers that only grow.
#pragma once

#include <cstdint>

namespace connectsphere::mixer {

struct Counters {
    std::uint64_t packets_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t rtcp_in = 0;
    std::uint64_t rtcp_out = 0;

    // Dropped, beside what MediaSessions drops:
    std::uint64_t bad_rtcp = 0;
    std::uint64_t muted = 0;   // their sender is muted
    std::uint64_t alone = 0;   // nobody else is in the room
    std::uint64_t unsent = 0;  // the batch was full

    std::uint64_t decodes = 0;  // frames
    std::uint64_t shared_encodes = 0;
    std::uint64_t private_encodes = 0;

    // Of voices that are gone; fill_beat adds those that are there.
    std::uint64_t concealed = 0;      // frames
    std::uint64_t fec_recovered = 0;  // frames
    std::uint64_t lost = 0;           // packets that never came, or too late
    std::uint64_t undecodable = 0;    // packets that were no 20 ms of Opus
};

}  // namespace connectsphere::mixer
