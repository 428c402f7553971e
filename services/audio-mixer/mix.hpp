// The arithmetic of one tick of one room: all voices are summed once, and a talker's own voice is taken out
// again for that talker. The sum has 32 bits, so taking out is exact: nobody hears a trace of itself.
#pragma once

#include "lib/media/pcm.hpp"

namespace connectsphere::mixer {

class Mix {
  public:
    void clear();
    void add(const media::AudioFrame& voice);
    int voices() const { return voices_; }

    // What somebody hears. `own`: a voice that was added and is to be left out, or nullptr.
    void render(const media::AudioFrame* own, media::SoftLimiter& limiter, media::AudioFrame& out) const;
    // Nothing but silence is left without `own`.
    bool is_silent_without(const media::AudioFrame* own) const { return voices_ == (own ? 1 : 0); }

  private:
    media::MixSum sum_{};
    int voices_ = 0;
};

}  // namespace connectsphere::mixer
