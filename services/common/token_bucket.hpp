// TokenBucket: at most `rate` events a second over time and `burst` at once. Pure: the time comes in.
#pragma once

#include <algorithm>

#include "lib/base/time.hpp"

namespace connectsphere {

class TokenBucket {
  public:
    TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

    bool take(Time now) {
        refill(now);
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }
    // How long until the next event is allowed.
    Duration wait(Time now) {
        refill(now);
        if (tokens_ >= 1) return {};
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>((1 - tokens_) / rate_));
    }

  private:
    void refill(Time now) {
        if (now > last_) tokens_ = std::min(burst_, tokens_ + rate_ * seconds(now - last_));
        last_ = std::max(last_, now);
    }

    double rate_;
    double burst_;
    double tokens_;
    Time last_{};
};

}  // namespace connectsphere
