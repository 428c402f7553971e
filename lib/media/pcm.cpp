#include "lib/media/pcm.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace connectsphere::media {
namespace {

constexpr float kThreshold = 24'576;  // -2.5 dBov: below it the limiter is transparent
constexpr float kHeadroom = 32'767 - kThreshold;
constexpr float kRelease = 0.006F;  // per block: recovers with a time constant of about 110 ms
constexpr float kNearlyOne = 0.999F;

constexpr std::size_t kFade = 240;  // samples: 5 ms, about one period of a low voice
constexpr std::size_t kFadeStep = 24;

std::int16_t to_sample(float value) { return static_cast<std::int16_t>(std::lrint(value)); }

// Bends what is still above the threshold towards full scale without ever reaching it: slope 1 at the
// threshold. The limiter's gain makes this rare; it catches the attack of a frame's first block.
float bend(float value) {
    const float excess = std::abs(value) - kThreshold;
    if (excess <= 0) return value;
    return std::copysign(kThreshold + kHeadroom * excess / (kHeadroom + excess), value);
}

// How alike two stretches are: 1 the same, -1 opposite; silence is alike to everything.
float likeness(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
    float ab = 0;
    float energy = 1;
    for (std::size_t i = 0; i < count; ++i) {
        const auto x = static_cast<float>(a[i]);
        const auto y = static_cast<float>(b[i]);
        ab += x * y;
        energy += x * x + y * y;
    }
    return energy <= static_cast<float>(count) ? 1 : 2 * ab / energy;
}

}  // namespace

void add(MixSum& sum, const AudioFrame& voice) {
    for (std::size_t i = 0; i < kFrame; ++i) sum[i] += voice[i];
}

void subtract(MixSum& sum, const AudioFrame& voice) {
    for (std::size_t i = 0; i < kFrame; ++i) sum[i] -= voice[i];
}

std::uint8_t level_dbov(std::span<const std::int16_t> samples) {
    std::int64_t energy = 0;
    for (const std::int16_t sample : samples) energy += std::int32_t{sample} * sample;
    if (energy == 0) return kSilenceLevel;
    const double mean = static_cast<double>(energy) / static_cast<double>(samples.size());
    const double dbov = 10 * std::log10(mean / (32'768.0 * 32'768.0));
    return static_cast<std::uint8_t>(std::clamp(std::lround(-dbov), 0L, long{kSilenceLevel}));
}

void ramp(std::span<std::int16_t> samples, float from, float to) {
    const float step = (to - from) / static_cast<float>(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = to_sample(static_cast<float>(samples[i]) * (from + step * static_cast<float>(i + 1)));
    }
}

void crossfade_merge(const AudioFrame& first, const AudioFrame& second, AudioFrame& out) {
    std::size_t joint = 0;
    float best = -2;
    for (std::size_t at = 0; at + kFade <= kFrame; at += kFadeStep) {
        const float score = likeness(&first[at], &second[at], kFade);
        if (score > best) {
            best = score;
            joint = at;
        }
    }
    for (std::size_t i = 0; i < kFrame; ++i) {
        const float weight = i < joint            ? 0.0F
                             : i >= joint + kFade ? 1.0F
                                                  : static_cast<float>(i - joint) / float{kFade};
        const auto a = static_cast<float>(first[i]);
        out[i] = to_sample(a + (static_cast<float>(second[i]) - a) * weight);
    }
}

void SoftLimiter::process(const MixSum& sum, AudioFrame& out) {
    // The highest gain that keeps each block below the threshold.
    std::array<float, kBlocks> allowed;
    for (std::size_t block = 0; block < kBlocks; ++block) {
        std::int32_t peak = 0;
        for (std::size_t i = 0; i < kBlock; ++i) {
            peak = std::max(peak, std::abs(sum[block * kBlock + i]));
        }
        allowed[block] = std::min(1.0F, kThreshold / std::max(static_cast<float>(peak), 1.0F));
    }
    for (std::size_t block = 0; block < kBlocks; ++block) {
        // A line between two gains that are both allowed is allowed: look one block ahead.
        const float next = allowed[std::min(block + 1, kBlocks - 1)];
        const float recovered = gain_ > kNearlyOne ? 1.0F : gain_ + kRelease * (1 - gain_);
        const float target = std::min({allowed[block], next, recovered});
        const float step = (target - gain_) / float{kBlock};
        for (std::size_t i = block * kBlock, n = 1; n <= kBlock; ++i, ++n) {
            out[i] = to_sample(bend(static_cast<float>(sum[i]) * (gain_ + step * static_cast<float>(n))));
        }
        gain_ = target;
    }
}

}  // namespace connectsphere::media
