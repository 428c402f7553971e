// A mix as one encoded stream: the one that all listeners of a room share, or the private one of a talker,
// who must not hear itself. A stream with nothing to say pauses: it plays its encoder empty, says so with one
// DTX packet, and then costs nothing.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/media/opus.hpp"
#include "lib/media/pcm.hpp"
#include "services/audio-mixer/mix.hpp"

namespace connectsphere::mixer {

class MixStream {
  public:
    explicit MixStream(const media::OpusConfig& config) : encoder_(config) {}

    struct Packet {
        Bytes payload;         // empty: the stream pauses
        bool encoded = false;  // by Opus, not just a DTX packet
    };
    // Once a tick. `own`: the voice to leave out, or nullptr.
    Packet encode(const Mix& mix, const media::AudioFrame* own);

    // Goes on where `other` is: who changes streams hears no seam.
    void continue_from(const MixStream& other);
    // FEC is spent where receivers report loss.
    void expect_loss(double loss);  // 0 to 1

    bool by_transform() const { return encoder_.config().by_transform(); }
    bool is_paused() const { return tail_ == 0; }
    std::uint8_t level() const { return media::level_dbov(frame_); }  // of what was encoded last

  private:
    static constexpr int kTail = 3;  // ticks of silence after the last sound; the last one is the DTX packet

    media::OpusEncoder encoder_;
    media::SoftLimiter limiter_;
    int tail_ = 0;
    media::AudioFrame frame_{};
    std::array<std::uint8_t, media::kMaxOpusPacket> packet_{};
};

// Encoders are dear to make: streams that ended wait here for the next talker, who overwrites their state.
class MixStreamPool {
  public:
    explicit MixStreamPool(const media::OpusConfig& config) : config_(config) {}

    std::unique_ptr<MixStream> make() const { return std::make_unique<MixStream>(config_); }  // fresh
    std::unique_ptr<MixStream> take();  // in any state: continue_from() comes next
    void give_back(std::unique_ptr<MixStream> stream);
    std::size_t made() const { return made_; }  // streams, since the start

  private:
    media::OpusConfig config_;
    std::vector<std::unique_ptr<MixStream>> idle_;
    std::size_t made_ = 0;
};

}  // namespace connectsphere::mixer
