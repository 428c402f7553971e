// ScreenTicker: what generated screens have in common: they change at a rate, and tell so by a timer's
// descriptor, as a display tells of damage.
#pragma once

#include <sys/timerfd.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>

#include "lib/client/screen_source.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::client {

class ScreenTicker : public ScreenSource {
  public:
    // `steps` changes, then it is still; 0: without end.
    ScreenTicker(double rate, std::uint64_t steps)
        : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)), steps_(steps) {
        const double period = 1e9 / rate;
        itimerspec when{};
        when.it_interval.tv_sec = static_cast<time_t>(period / 1e9);
        when.it_interval.tv_nsec = std::lround(std::fmod(period, 1e9));
        when.it_value = when.it_interval;
        timerfd_settime(timer_.get(), 0, &when, nullptr);
    }

    Result<ScreenChange> capture() override {
        ScreenChange change;
        if (step_ == 0) {
            step_ = 1;
            change.damage = first();
            return change;
        }
        std::uint64_t ticks = 0;
        if (::read(timer_.get(), &ticks, sizeof ticks) != sizeof ticks) return change;
        if (steps_ != 0 && step_ > steps_) return change;
        if (steps_ != 0) ticks = 1;  // each of a counted number is seen
        step_ += ticks;
        auto next = step(step_ - 1, ticks);
        if (!next) return next.error();
        change.damage = std::move(*next);
        return change;
    }
    const ScreenCursor& cursor() const override { return cursor_; }
    int event_fd() const override { return timer_.get(); }

  protected:
    virtual std::vector<ScreenRect> first() = 0;
    // The picture after `step` changes, `ticks` of them new; what is damaged.
    virtual Result<std::vector<ScreenRect>> step(std::uint64_t step, std::uint64_t ticks) = 0;

  private:
    net::Fd timer_;
    std::uint64_t steps_;
    std::uint64_t step_ = 0;
    ScreenCursor cursor_;
};

}  // namespace connectsphere::client
