// What a client sends: its voice as Opus, its picture as JPEG, in RTP over a MediaLink.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/client/media_link.hpp"
#include "lib/media/opus.hpp"
#include "lib/media/pcm.hpp"
#include "lib/media/reports.hpp"

namespace connectsphere::client {

class AudioOut {
  public:
    AudioOut(const media::OpusConfig& config, Ssrc ssrc)
        : encoder_(config), has_dtx_(config.dtx), ssrc_(ssrc) {}

    // One frame every 20 ms; nothing: muted or no microphone, time passes and nothing is sent. A pause begins
    // with one DTX packet, so that the receiver need not guess whether something was lost.
    void tick(const media::AudioFrame* frame, MediaLink& link, DatagramBatch& batch);
    void set_ssrc(Ssrc ssrc) { ssrc_ = ssrc; }
    Ssrc ssrc() const { return ssrc_; }
    void expect_loss(double loss);  // 0 to 1: FEC is spent where the receiver reports loss

    media::ReportExchange::Sent sent() const;
    std::uint64_t frames_sent() const { return sent_; }

  private:
    void allow_dtx(bool allowed);
    void configure(const media::OpusConfig& config);

    media::OpusEncoder encoder_;
    bool has_dtx_;
    Ssrc ssrc_;
    std::uint32_t timestamp_ = 0;
    bool talking_ = false;  // the last tick sent a packet
    std::uint64_t sent_ = 0;
    std::uint64_t payload_bytes_ = 0;
};

class VideoOut {
  public:
    explicit VideoOut(Ssrc ssrc) : ssrc_(ssrc) {}

    // A whole baseline JPEG that was captured at `captured_at`. Fails where RFC 2435 can not carry it.
    Result<void> frame(Bytes jpeg, Time captured_at, MediaLink& link, DatagramBatch& batch);
    void set_ssrc(Ssrc ssrc) { ssrc_ = ssrc; }

    std::uint64_t frames_sent() const { return sent_; }

  private:
    Ssrc ssrc_;
    std::uint64_t sent_ = 0;
};

}  // namespace connectsphere::client
