// What a client receives: the mix of the room, and the pictures of the others, each stream by its SSRC.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "lib/base/seq.hpp"
#include "lib/client/media_link.hpp"
#include "lib/client/video_decoder.hpp"
#include "lib/media/audio_receiver.hpp"

namespace connectsphere::client {

class AudioIn {
  public:
    void packet(const MediaLink::Packet& packet);
    // The sound of this tick, once per 20 ms. False: silence, and `out` is all zeros.
    bool tick(Time due, media::AudioFrame& out) { return receiver_->pull(due, out); }
    // A new key epoch: the sender's numbers start anew.
    void restart();

    const media::JitterStats& stats() const { return receiver_->jitter().stats(); }
    Duration delay() const { return receiver_->jitter().delay(); }

  private:
    std::optional<media::AudioReceiver> receiver_{std::in_place};
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
};

class VideoIn {
  public:
    // Valid during the call. False: it can not be shown, and neither can what follows before a key frame.
    using OnFrame = std::function<bool(Ssrc, const ReceivedVideo&)>;

    explicit VideoIn(OnFrame on_frame) : on_frame_(std::move(on_frame)) {}

    void packet(const MediaLink::Packet& packet);
    void forget(Ssrc ssrc);
    void restart();

    // True: nothing more of this stream can be shown before a key frame.
    bool needs_key_frame(Ssrc ssrc) const;

    const std::map<Ssrc, VideoReceiver>& streams() const { return streams_; }
    VideoReceiver::Stats total() const;  // of all streams that there were

    static constexpr std::size_t kMaxStreams = 192;  // more are ignored; the server sends 128 at a time

  private:
    void take(Ssrc ssrc, const ReceivedVideo& frame);

    OnFrame on_frame_;
    std::map<Ssrc, VideoReceiver> streams_;
    VideoReceiver::Stats forgotten_;
    std::set<Ssrc>
        refused_;  // of `streams_`: a whole frame could not be shown, and no key frame has come since
};

}  // namespace connectsphere::client
