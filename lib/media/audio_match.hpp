// Proof of what was heard: is a known voice in a recording, although mixed with others, coded by Opus and
// delayed by an unknown time? Second by second, the voice is cross-correlated with the recording; the score
// is the median of the best correlations. For tests and demonstrations, not for the media path: it allocates.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/time.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

struct VoiceMatch {
    double score = 0;   // 0 absent, 1 the very same samples
    Duration offset{};  // of the voice in the recording, the median too
};

// Above it the voice is there. Measured by audio_match_test with three real voices of different loudness,
// mixed by twos, through Opus at 16 and 32 kbit/s, also with every tenth frame concealed: the present ones
// score at least 0.32, the absent one at most 0.07.
constexpr double kVoicePresent = 0.15;

// Both at 48 kHz. The voice may begin up to `max_offset` into the recording, and drift by what a jitter
// buffer inserts and skips: each second is sought for itself. Seconds in which the voice pauses do not count.
VoiceMatch match_voice(std::span<const std::int16_t> recording, std::span<const std::int16_t> voice,
                       Duration max_offset = 2s);

}  // namespace connectsphere::media
