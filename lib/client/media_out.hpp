// What a client sends: its voice as Opus, its pictures in one or more encodings, in RTP over a MediaLink.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/client/media_link.hpp"
#include "lib/client/video_encoders.hpp"
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
    // In the order of the plan (lib/client/video_encoders).
    void set_encodings(std::vector<VideoEncoding> plan, std::vector<Ssrc> ssrcs);
    std::optional<std::size_t> place_of(Ssrc ssrc) const;  // in the plan

    // What was made of the picture that was captured at `captured_at`. Fails where RTP can not carry it.
    Result<void> picture(std::span<const EncodedVideo> encoded, Time captured_at, MediaLink& link,
                         DatagramBatch& batch);
    // A sender report for each encoding that is being sent.
    void report(Time now, WallTime wall, MediaLink& link, DatagramBatch& batch);

    std::uint64_t frames_sent() const { return sent_; }  // pictures, in whatever encodings

  private:
    struct Sending {
        VideoEncoding encoding;
        Ssrc ssrc;
        std::uint16_t picture_id = 0;
        std::uint8_t tl0_index = 0;
        std::uint32_t packets = 0, bytes = 0;
        std::uint32_t timestamp = 0;
        Time newest_at{};  // when the newest was captured
    };
    template <class Packetizer>
    void send(Sending& sending, const Packetizer& packetizer, MediaLink& link, DatagramBatch& batch);
    Result<void> send(Sending& sending, const EncodedVideo& encoded, MediaLink& link, DatagramBatch& batch);

    std::vector<Sending> sendings_;
    std::uint64_t sent_ = 0;
};

}  // namespace connectsphere::client
