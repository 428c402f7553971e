// Who is heard when many talk: the loudest few, by the level that each packet carries (RFC 6464), so that a
// voice that is not heard need not be decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace connectsphere::mixer {

// Quieter than this (-dBov) nothing is audible in a room: such a frame counts as silence.
constexpr std::uint8_t kInaudible = 75;

// How loud somebody has been lately. A louder packet counts at once; the gaps between words do not, because
// the value falls slowly.
class Loudness {
  public:
    void hear(std::uint8_t level);  // of one packet, -dBov
    float level() const { return level_; }
    bool is_audible() const { return level_ < kInaudible; }

  private:
    float level_ = 127;
};

struct Candidate {
    std::size_t index;  // the caller's
    float level;        // Loudness
    bool is_heard;      // in the last tick
};

// Moves the loudest `max` candidates to the front and returns how many there are. Who is heard stays heard
// against somebody who is not clearly louder: two equal voices must not take turns.
std::size_t select_loudest(std::span<Candidate> candidates, std::size_t max);

}  // namespace connectsphere::mixer
