// How long a jitter buffer should hold back a packet: as short as the network allows, and long enough that
// 98 of 100 packets of the last seconds would have come in time. All is measured against the fastest packet
// of the window, so that neither the sender's clock offset nor its slow drift matters.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/time.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

struct DelayLimits {
    Duration min = 5ms;       // above zero, for what the operating systems at both ends add
    Duration initial = 10ms;  // while little is known
    Duration max = 200ms;     // what is later than this is lost
};

class DelayControl {
  public:
    explicit DelayControl(const DelayLimits& limits = {});

    void on_packet(std::int64_t timestamp, Time arrival);
    void on_outcome(bool lost);  // of every packet whose turn came
    void restart();              // the sender's timestamps start anew: forget the transit times

    // When a packet of this timestamp would have arrived, had it been as fast as the fastest.
    Time ideal_arrival(std::int64_t timestamp) const;
    // Hold back until ideal_arrival + target.
    Duration target() const { return target_; }
    Duration jitter() const { return jitter_; }  // the 98th percentile of what packets lag the fastest
    const DelayLimits& limits() const { return limits_; }
    double loss() const { return loss_; }  // of the last few hundred packets, 0 to 1
    // Loss is such that a lost frame is worth waiting for: the packet after it carries it (FEC).
    bool waits_for_fec() const { return waits_for_fec_; }

  private:
    struct Transit {
        Time arrival;
        Duration transit;  // arrival minus timestamp, with an unknown constant offset
    };

    void measure(Time now);
    void set_target();

    DelayLimits limits_;
    std::vector<Transit> window_;    // a ring of the last packets
    std::vector<Duration> scratch_;  // as large as the window
    std::size_t next_ = 0;
    std::size_t used_ = 0;
    int until_measure_ = 0;  // packets
    Duration base_{};        // the shortest transit of the window
    Duration jitter_{};
    Duration target_;
    double loss_ = 0;
    bool waits_for_fec_ = false;
};

// The duration of so many samples at 48 kHz.
constexpr Duration samples_to_duration(std::int64_t samples) {
    // 48 samples are 1 ms: split, so that 64 bits last for more than a century of samples.
    return std::chrono::milliseconds(samples / 48) + Duration(samples % 48 * 1'000'000 / 48);
}

}  // namespace connectsphere::media
