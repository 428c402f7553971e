#include "lib/client/sample_queue.hpp"

#include <algorithm>

namespace connectsphere::client {

void SampleQueue::push(std::span<const std::int16_t> samples) {
    if (samples.size() > kMost) samples = samples.last(kMost);
    if (const auto all = samples_.size() + samples.size(); all > kMost) {
        samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(all - kMost));
    }
    samples_.insert(samples_.end(), samples.begin(), samples.end());
}

bool SampleQueue::pop(media::AudioFrame& out) {
    if (!running_ && samples_.size() < kStart) return false;
    running_ = samples_.size() >= media::kFrame;
    if (!running_) return false;
    const bool too_much = samples_.size() > kTooMuch;
    take(out);
    if (too_much) {
        media::AudioFrame next;
        take(next);
        media::crossfade_merge(out, next, out);
    }
    return true;
}

void SampleQueue::take(media::AudioFrame& out) {
    const auto end = samples_.begin() + static_cast<std::ptrdiff_t>(media::kFrame);
    std::copy(samples_.begin(), end, out.begin());
    samples_.erase(samples_.begin(), end);
}

void SampleQueue::clear() {
    samples_.clear();
    running_ = false;
}

}  // namespace connectsphere::client
