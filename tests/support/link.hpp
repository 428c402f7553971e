// A link between two places, as bad as a test wants it: loss, delay, jitter, reordering, duplication, a rate.
// It decides when the copies of a datagram arrive and holds nothing itself, so that the virtual network and
// the proxy on real sockets impair alike. The same seed gives the same decisions on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>

#include "lib/base/time.hpp"

namespace connectsphere::testing {

struct LinkQuality {
    double loss = 0;                    // share of the datagrams that never arrive, 0 to 1
    double duplicate = 0;               // share that arrives twice
    double reorder = 0;                 // share that is held back while later ones pass
    Duration delay{};                   // one way
    Duration jitter{};                  // added to the delay, uniform from zero; alone it keeps the order
    Duration reorder_hold = 5ms;        // how long a held datagram stays behind
    std::uint64_t bits_per_second = 0;  // 0: no limit
    Duration max_queue = 100ms;         // at a limited rate: who would wait longer is lost
};

struct LinkCounts {
    std::uint64_t offered = 0;
    std::uint64_t lost = 0;
    std::uint64_t overflowed = 0;  // lost for want of rate
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
};

class Link {
  public:
    Link(const LinkQuality& quality, std::uint64_t seed) : quality_(quality), random_(seed) {}

    struct Arrivals {
        std::array<Time, 2> at{};
        std::size_t count = 0;  // 0: lost
    };
    Arrivals carry(std::size_t bytes, Time now);

    void set_quality(const LinkQuality& quality) { quality_ = quality; }
    const LinkCounts& counts() const { return counts_; }

  private:
    bool happens(double probability);
    double uniform();  // 0 to below 1; std::uniform_real_distribution differs between libraries

    LinkQuality quality_;
    std::mt19937_64 random_;
    LinkCounts counts_;
    Time free_at_{};         // when the line has sent what it was given
    Time newest_arrival_{};  // jitter must not overtake it
};

}  // namespace connectsphere::testing
