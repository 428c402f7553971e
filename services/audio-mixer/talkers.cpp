#include "services/audio-mixer/talkers.hpp"

#include <algorithm>
#include <tuple>

namespace connectsphere::mixer {
namespace {

constexpr float kFallPerPacket = 0.6F;  // dB: 30 dB/s, a word's gap costs a few dB
constexpr float kHysteresis = 6;        // dB

// Lower comes first; the caller's order breaks ties.
std::tuple<float, std::size_t> rank(const Candidate& candidate) {
    return {candidate.level - (candidate.is_heard ? kHysteresis : 0), candidate.index};
}

}  // namespace

void Loudness::hear(std::uint8_t level) {
    level_ = std::min(static_cast<float>(level), level_ + kFallPerPacket);
}

std::size_t select_loudest(std::span<Candidate> candidates, std::size_t max) {
    if (candidates.size() <= max) return candidates.size();
    const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(max);
    std::nth_element(candidates.begin(), middle, candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
    return max;
}

}  // namespace connectsphere::mixer
