// AudioCall: the sound of one participant in a call. Every 20 ms it takes a frame from the microphone, sends
// it, and gives the loudspeaker the mix of the others. Its reports tell the server how the mix arrives, and
// how much FEC our voice needs.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "lib/client/devices.hpp"
#include "lib/client/media_in.hpp"
#include "lib/client/media_out.hpp"
#include "lib/media/reports.hpp"
#include "lib/media/voice_processing.hpp"

namespace connectsphere::client {

// How the network treats us, for people.
struct NetworkFigures {
    std::optional<Duration> round_trip;  // to the service, by RTCP
    double loss = 0;                     // 0 to 1, of what we receive, over the last second
    double loss_up = 0;                  // 0 to 1, of what we send, as the service reports
    Duration jitter{};                   // of what we receive
    Duration delay{};                    // that the jitter buffer adds
};

class AudioCall {
  public:
    struct Devices {
        std::unique_ptr<AudioSource> source;  // null: none
        std::unique_ptr<AudioSink> sink;      // null: none
        // For a real microphone, beside a real loudspeaker; files need none of it.
        std::optional<media::VoiceProcessing::Options> processing = std::nullopt;
    };

    explicit AudioCall(Devices devices);

    // A new key epoch: what is sent is `voice`, what comes is `mix`.
    void restart(Ssrc voice, Ssrc mix);
    void packet(const MediaLink::Packet& packet);
    void report(Bytes compound, Time arrival, WallTime wall);
    void write_report(Writer& w, Time now, WallTime wall);
    // Once per 20 ms, with the time for which the tick was scheduled.
    void tick(Time due, MediaLink& link, DatagramBatch& batch);

    // Another microphone, another loudspeaker (null: none) while the call goes on, from the next tick on.
    void set_source(std::unique_ptr<AudioSource> source,
                    const std::optional<media::VoiceProcessing::Options>& processing);
    void set_sink(std::unique_ptr<AudioSink> sink) { devices_.sink = std::move(sink); }
    // The loudest that the microphone gave since the last call, muted or not, in dB below full scale.
    std::uint8_t take_level() { return std::exchange(level_, media::kSilenceLevel); }

    bool has_devices() const { return devices_.source || devices_.sink; }
    void set_muted(bool muted) { muted_ = muted; }
    bool is_muted() const { return muted_; }

    const AudioIn& in() const { return in_; }
    std::uint64_t frames_sent() const { return out_ ? out_->frames_sent() : 0; }
    NetworkFigures network() const;

  private:
    Duration echo_delay() const;  // zero: the devices do not tell

    Devices devices_;
    std::optional<media::VoiceProcessing> processing_;
    std::optional<AudioOut> out_;
    AudioIn in_;
    media::ReportExchange reports_;
    Ssrc mix_;
    bool muted_ = false;
    std::uint8_t level_ = media::kSilenceLevel;
    std::uint64_t ticks_ = 0;
};

}  // namespace connectsphere::client
