// RateEstimate: how much one receiver can take. It begins without a limit, because a LAN has none that
// matters, and backs off on measured loss or delay only: to what has just arrived, and a little less, so that
// queues drain. Afterwards it grows again, slowly, until there is no limit any more.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "lib/base/time.hpp"

namespace connectsphere::media {

class RateEstimate {
  public:
    static constexpr double kUnlimited = std::numeric_limits<double>::infinity();

    struct Report {
        double loss = 0;  // since the last report, 0 to 1
        std::optional<Duration> round_trip;
        std::uint64_t bytes_sent = 0;  // to this receiver, since the start
    };
    void on_report(const Report& report, Time now);
    // What the receiver itself allows (REMB): a ceiling until kCeilingLife has passed.
    void on_ceiling(double bits_per_second, Time now);

    double bits_per_second(Time now) const;  // kUnlimited: no limit is known
    void restart() { *this = {}; }

    static constexpr Duration kMinInterval = 200ms;  // shorter reports are joined: they say too little
    static constexpr double kHeavyLoss = 0.10;       // congestion, whatever the delay
    static constexpr double kLightLoss = 0.02;       // below, it is the air's or the cable's
    static constexpr Duration kLongDelay = 150ms;    // above the shortest round trip: a queue stands
    static constexpr Duration kSomeDelay = 40ms;
    static constexpr Duration kHold = 3s;        // after backing off
    static constexpr Duration kBackOffGap = 1s;  // until then, reports still speak of the old rate
    static constexpr double kBackOff = 0.85;
    static constexpr double kMostBackOff = 0.5;   // of a limit that is known, at once
    static constexpr double kGrowth = 1.10;       // a second
    static constexpr double kLeast = 30'000;      // bit/s
    static constexpr double kMost = 100'000'000;  // above there is no limit
    static constexpr Duration kCeilingLife = 10s;

  private:
    double estimate_ = kUnlimited;
    double ceiling_ = kUnlimited;
    Time ceiling_at_{};
    std::optional<Duration> shortest_;
    double loss_ = 0;  // the worst since the interval began
    std::optional<Time> interval_at_;
    std::uint64_t interval_bytes_ = 0;
    Time backed_off_at_{};
};

}  // namespace connectsphere::media
