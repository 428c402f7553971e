// SampleQueue: sound on its way between two clocks, a sound card's and ours, which never agree for long. The
// reader starts when a little is there, so that jitter finds no hole; when too much has gathered, two frames
// are played as one. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lib/media/pcm.hpp"

namespace connectsphere::client {

class SampleQueue {
  public:
    static constexpr std::size_t kStart = media::kFrame * 3 / 2;  // samples: 30 ms
    static constexpr std::size_t kTooMuch = media::kFrame * 4;    // 80 ms
    static constexpr std::size_t kMost = media::kFrame * 10;      // a stalled reader loses the oldest

    SampleQueue() { samples_.reserve(2 * kMost); }

    void push(std::span<const std::int16_t> samples);
    bool pop(media::AudioFrame& out);  // false: nothing is there (yet)
    void clear();
    std::size_t size() const { return samples_.size(); }

  private:
    void take(media::AudioFrame& out);

    std::vector<std::int16_t> samples_;
    bool running_ = false;
};

}  // namespace connectsphere::client
