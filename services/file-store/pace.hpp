// Pace: bytes a second, over all transfers of one direction. Pure: the time comes in.
#pragma once

#include <algorithm>

#include "lib/base/time.hpp"

namespace connectsphere::file_store {

class Pace {
  public:
    explicit Pace(double bytes_per_second) : rate_(bytes_per_second) {}  // 0: no limit

    Time free_at() const { return free_at_; }
    bool is_free(Time now) const { return now >= free_at_; }
    // A pause is made up for by kBurst at the most.
    void spend(std::size_t bytes, Time now) {
        if (rate_ <= 0) return;
        const auto cost = std::chrono::duration<double>(static_cast<double>(bytes) / rate_);
        free_at_ = std::max(free_at_, now - kBurst) + std::chrono::duration_cast<Duration>(cost);
    }

  private:
    static constexpr Duration kBurst = 50ms;
    double rate_;
    Time free_at_{};
};

}  // namespace connectsphere::file_store
