// One participant's voice on its way into the mix: from RTP packets to the frame of this tick.
#pragma once

#include "lib/base/seq.hpp"
#include "lib/media/audio_receiver.hpp"
#include "lib/wire/rtp.hpp"
#include "services/audio-mixer/counters.hpp"
#include "services/audio-mixer/talkers.hpp"

namespace connectsphere::mixer {

class Voice {
  public:
    void push(const wire::RtpView& packet, Time arrival);

    // Something is there to be played, now or soon.
    bool is_pending() const { return receiver_.is_talking() || receiver_.jitter().size() > 0; }
    // Worth a place in the mix: pending, and not too quiet to be heard.
    bool is_candidate() const { return is_pending() && (loudness_.is_audible() || !has_levels_); }
    float loudness() const { return loudness_.level(); }
    bool is_heard() const { return heard_; }  // in the last tick

    // Once a tick. Who stops being heard while talking fades out in one last frame.
    void play(Time tick, bool heard, Counters& counters);

    // The frame of this tick, or nullptr for silence.
    const media::AudioFrame* frame() const { return sounds_ ? &frame_ : nullptr; }

    // Adds what its jitter buffer counted. Once, when the voice is gone, or for a look at the whole.
    void add_to(Counters& counters) const;

  private:
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
    media::AudioReceiver receiver_;
    Loudness loudness_;
    bool has_levels_ = false;  // its packets carry RFC 6464; else its frames are measured
    bool heard_ = false;
    bool sounds_ = false;
    media::AudioFrame frame_{};
};

}  // namespace connectsphere::mixer
