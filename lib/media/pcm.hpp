// Sound as numbers: 48 kHz mono, in frames of 20 ms, everywhere. A mix is summed in 32 bits, where nothing
// can overflow and a talker's own voice can be subtracted again exactly; SoftLimiter brings it back to 16
// bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lib/base/time.hpp"

namespace connectsphere::media {

constexpr int kSampleRate = 48'000;
constexpr std::size_t kFrame = 960;  // samples
constexpr Duration kFrameDuration = 20ms;
constexpr std::uint8_t kSilenceLevel = 127;  // RFC 6464: -127 dBov, digital silence

using AudioFrame = std::array<std::int16_t, kFrame>;
using MixSum = std::array<std::int32_t, kFrame>;  // room for 65,536 voices at full scale

void add(MixSum& sum, const AudioFrame& voice);
void subtract(MixSum& sum, const AudioFrame& voice);  // undoes add() to the last bit

// The level as RFC 6464 sends it: 0 is a square wave at full scale, 127 silence.
std::uint8_t level_dbov(std::span<const std::int16_t> samples);

// Multiplies by a gain that moves in a straight line from `from` to `to`: a step would click.
void ramp(std::span<std::int16_t> samples, float from, float to);

// Plays two consecutive frames in the time of one: starts as the first, ends as the second, and cross-fades
// where the two are most alike, so that the joint keeps the pitch. `out` may be either of them.
void crossfade_merge(const AudioFrame& first, const AudioFrame& second, AudioFrame& out);

// Brings a sum back to 16 bits. What stays below the threshold passes bit for bit; what goes above is turned
// down by a gain that falls at once and recovers slowly, in straight lines of 0.7 ms, so that it neither
// clips nor crackles. One limiter per output: the gain is its state.
class SoftLimiter {
  public:
    void process(const MixSum& sum, AudioFrame& out);
    float gain() const { return gain_; }

  private:
    static constexpr std::size_t kBlock = 32;  // samples: 0.7 ms
    static constexpr std::size_t kBlocks = kFrame / kBlock;

    float gain_ = 1;  // at the end of the last frame
};

}  // namespace connectsphere::media
