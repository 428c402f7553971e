// RateEstimate: how much one receiver can take. It begins without a limit, because a LAN has none that
// matters, and backs off on measured loss or delay only: to what has just arrived, and a little less, so that
// queues drain. Afterwards it grows again, until there is no limit any more.
//
//   a standing queue             back off        once it has stood for kStanding: a machine that was busy for
//                                                a moment delays one report, and is no queue. A round trip
//                                                says something of its moment only: without a new one there
//                                                is no queue
//   loss above kHeavyLoss        back off        counted over so many packets that chance does not look like
//   it above kLightLoss             grow slowly     the air or a cable; asking again repairs it else grow
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
        std::uint64_t expected = 0;  // packets, since the last report
        std::uint64_t lost = 0;
        std::optional<Duration> round_trip = std::nullopt;
        std::uint64_t bytes_sent = 0;  // to this receiver, since the start
    };
    void on_report(const Report& report, Time now);
    // What the receiver itself allows (REMB): a ceiling until kCeilingLife has passed.
    void on_ceiling(double bits_per_second, Time now);

    double bits_per_second(Time now) const;  // kUnlimited: no limit is known
    void restart() { *this = {}; }

    static constexpr Duration kMinInterval = 200ms;     // shorter reports are joined: they say too little
    static constexpr Duration kLossInterval = 4s;       // loss is judged this often,
    static constexpr std::uint64_t kLossPackets = 500;  // or when so many packets were due:
    static constexpr double kHeavyLoss = 0.10;          // 5 % then look like 10 % once in a million times
    static constexpr double kLightLoss = 0.02;
    static constexpr Duration kLongDelay = 150ms;  // above the shortest round trip: a queue stands
    static constexpr Duration kSomeDelay = 40ms;
    static constexpr Duration kStanding = 1200ms;  // longer than from one sender report to the next
    static constexpr Duration kMostBetween = 6s;   // round trips; tools that are not ours report every five
    static constexpr Duration kBaseWindow = 30s;   // the shortest is that of this window and the one before:
                                                   // who roams to a longer way has no queue there
    static constexpr Duration kHold = 3s;          // after backing off
    static constexpr Duration kBackOffGap = 1s;    // until then, reports still speak of the old rate
    static constexpr double kBackOff = 0.85;
    static constexpr double kMostBackOff = 0.5;  // of a limit that is known, at once
    static constexpr double kGrowth = 1.10;      // a second
    static constexpr double kSlowGrowth = 1.03;
    static constexpr double kLeast = 30'000;      // bit/s
    static constexpr double kMost = 100'000'000;  // above there is no limit
    static constexpr Duration kCeilingLife = 10s;

  private:
    // Since when every round trip was longer than it should be.
    class Delay {
      public:
        void on_round_trip(bool is_long, Time now) {
            if (!is_long)
                since_.reset();
            else if (!since_ || now - newest_ > kMostBetween)
                since_ = now;
            newest_ = now;
        }
        bool is_standing() const { return since_ && newest_ - *since_ >= kStanding; }

      private:
        std::optional<Time> since_;
        Time newest_{};
    };
    // The shortest round trip of late.
    class Base {
      public:
        Duration on_round_trip(Duration sample, Time now);

      private:
        Duration shortest_ = Duration::max(), before_ = Duration::max();
        Time window_at_{};
    };

    void on_round_trip(Duration round_trip, Time now);
    bool judge_loss(Time now);  // true: it is known anew
    void back_off(double arrived, Time now);

    double estimate_ = kUnlimited;
    double ceiling_ = kUnlimited;
    Time ceiling_at_{};
    Base base_;
    Delay some_, long_;
    bool is_timed_ = false;  // this interval has brought a round trip
    std::optional<Time> interval_at_;
    std::uint64_t interval_bytes_ = 0;
    Time loss_at_{};  // since when these are counted
    std::uint64_t expected_ = 0, lost_ = 0;
    double loss_ = 0;  // as it was judged last
    Time backed_off_at_{};
};

}  // namespace connectsphere::media
