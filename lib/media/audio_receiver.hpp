// The receiving end of one Opus stream: packets in, a steady 20 ms of sound out. What is missing is guessed
// for at most 60 ms while it fades to exact silence; what comes back fades in. The mixer has one per
// participant, a client one for its mix.
#pragma once

#include <cstdint>

#include "lib/media/jitter_buffer.hpp"
#include "lib/media/opus.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

class AudioReceiver {
  public:
    explicit AudioReceiver(const DelayLimits& limits = {}) : jitter_(limits) {}

    void push(const AudioPacket& packet) { jitter_.push(packet); }

    // The sound of this tick, once per 20 ms with the time for which the tick was scheduled. False: silence,
    // and `out` is all zeros.
    bool pull(Time tick, AudioFrame& out);
    // The same for who is not listened to now: time passes, nothing is decoded. The next pull() fades in.
    void skip(Time tick);

    std::uint8_t level() const { return level_; }               // of the last frame pulled, RFC 6464
    std::uint64_t undecodable() const { return undecodable_; }  // packets that were no 20 ms of Opus
    bool is_talking() const { return jitter_.is_talking(); }
    const JitterBuffer& jitter() const { return jitter_; }

  private:
    bool decode(const Playout& playout, AudioFrame& out);
    void fade_in(AudioFrame& out);
    void fade_out(AudioFrame& out);

    JitterBuffer jitter_;
    OpusDecoder decoder_;
    AudioFrame extra_{};  // scratch
    float gain_ = 0;      // at the end of the last frame; 0: it was silence
    std::uint8_t level_ = kSilenceLevel;
    std::uint64_t undecodable_ = 0;
};

}  // namespace connectsphere::media
