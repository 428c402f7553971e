#include "services/audio-mixer/mix.hpp"

namespace connectsphere::mixer {

void Mix::clear() {
    sum_.fill(0);
    voices_ = 0;
}

void Mix::add(const media::AudioFrame& voice) {
    media::add(sum_, voice);
    ++voices_;
}

void Mix::render(const media::AudioFrame* own, media::SoftLimiter& limiter, media::AudioFrame& out) const {
    if (!own) return limiter.process(sum_, out);
    media::MixSum others = sum_;
    media::subtract(others, *own);
    limiter.process(others, out);
}

}  // namespace connectsphere::mixer
