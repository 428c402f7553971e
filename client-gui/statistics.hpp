// How long drawing takes, and how late pictures are on screen. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "lib/base/time.hpp"

namespace connectsphere::gui {

// Durations of one period; forgotten when they have been told.
class Durations {
  public:
    void add(Duration duration) {
        if (samples_.size() < kMost) samples_.push_back(duration);
    }
    std::size_t count() const { return samples_.size(); }
    // Of all samples the share `share`, 0 to 1, is not above it; 0 of none.
    double percentile_ms(double share) {
        if (samples_.empty()) return 0;
        const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples_.size() - 1));
        std::nth_element(samples_.begin(), samples_.begin() + place, samples_.end());
        return seconds(samples_[static_cast<std::size_t>(place)]) * 1000;
    }
    double sum_ms() const {
        double sum = 0;
        for (const auto sample : samples_) sum += seconds(sample) * 1000;
        return sum;
    }
    void clear() { samples_.clear(); }

  private:
    static constexpr std::size_t kMost = 20'000;  // more of a period are not counted
    std::vector<Duration> samples_;
};

struct DrawStatistics {
    Durations drawing;         // of one frame of the window: scene, pixels, and onto the screen
    Durations delay;           // from a picture's arrival until it is on screen
    std::uint64_t pixels = 0;  // that were drawn
    std::uint64_t dropped = 0;
};

}  // namespace connectsphere::gui
