// What makes a microphone fit for a call: the loudspeaker's echo is taken out, steady noise is turned down,
// and a voice is brought to a common level. Each can be switched off. 10 ms at a time inside, frames outside:
//
//   loudspeaker ─► far_end() ─┐
//   microphone  ─► near_end() ┴─► the voice alone
#pragma once

#include <memory>

#include "lib/base/time.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

class VoiceProcessing {
  public:
    struct Options {
        bool echo_cancellation = true;
        bool noise_suppression = true;
        bool gain_control = true;

        bool any() const { return echo_cancellation || noise_suppression || gain_control; }
    };

    explicit VoiceProcessing(const Options& options);
    ~VoiceProcessing();
    VoiceProcessing(VoiceProcessing&&) noexcept;
    VoiceProcessing& operator=(VoiceProcessing&&) noexcept;

    void far_end(const AudioFrame& played);  // before it is played
    void near_end(AudioFrame& frame);        // in place
    // From far_end() of a sound to near_end() of its echo, roughly: it finds the rest itself.
    void set_delay(Duration delay);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace connectsphere::media
