// When to mix: every 20 ms on an absolute grid, whatever time a tick itself took. A tick that came late is
// made up, so that the rate never drifts; after a long stall most are skipped, because sound from so long ago
// helps nobody. While no room has anything to mix there is no deadline.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/time.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::mixer {

class TickSchedule {
  public:
    static constexpr std::int64_t kMaxCatchUp = 5;  // ticks made up after a stall; older ones are skipped

    void start(Time now);  // nothing if it runs
    void stop() { next_ = kNever; }
    Time deadline() const { return next_; }

    // The next tick whose time has come, if any: call until there is none.
    std::optional<Time> take_due(Time now);

    // Ticks of the grid up to `tick`: the media clock of every room.
    static std::int64_t index(Time tick) { return tick.time_since_epoch() / media::kFrameDuration; }

    // How late the last ticks were.
    struct Lateness {
        Duration p50, p99, max;
    };
    Lateness lateness() const;
    std::uint64_t ticks() const { return ticks_; }
    std::uint64_t late() const { return late_; }        // a whole tick or more
    std::uint64_t skipped() const { return skipped_; }  // never mixed

  private:
    static constexpr std::size_t kWindow = 1024;  // ticks that lateness() is about: 20 s

    Time next_ = kNever;
    std::uint64_t ticks_ = 0;
    std::uint64_t late_ = 0;
    std::uint64_t skipped_ = 0;
    std::array<Duration, kWindow> lateness_{};
};

}  // namespace connectsphere::mixer
