#include "lib/client/media_out.hpp"

#include <array>

#include "lib/wire/jpeg.hpp"
#include "lib/wire/jpeg_payload.hpp"

namespace connectsphere::client {

namespace {

constexpr std::uint8_t kVoiceLevel = 60;  // -dBov: louder than this counts as voice in RFC 6464's flag
// Louder than this (-dBov) is never a pause. Opus takes any steady sound for noise, a held note too.
constexpr std::uint8_t kLoud = 40;

// RFC 2435 section 3: a 90 kHz clock.
std::uint32_t video_timestamp(Time time) {
    const auto ticks = std::chrono::duration_cast<std::chrono::duration<std::int64_t, std::ratio<1, 90'000>>>(
        time.time_since_epoch());
    return static_cast<std::uint32_t>(ticks.count());
}

}  // namespace

void AudioOut::tick(const media::AudioFrame* frame, MediaLink& link, DatagramBatch& batch) {
    const auto timestamp = timestamp_;
    timestamp_ += media::kFrame;
    const auto loudness = frame ? media::level_dbov(*frame) : media::kSilenceLevel;
    allow_dtx(loudness >= kLoud);
    std::array<std::uint8_t, media::kMaxOpusPacket> packet;
    const auto encoded = frame ? encoder_.encode(*frame, packet) : Result<std::size_t>(0);
    if (!encoded) return;
    auto payload = Bytes(packet).first(*encoded);
    const bool is_pause = media::is_dtx(payload);
    if (is_pause && !talking_) return;
    if (payload.empty()) payload = media::kDtxPacket;
    const auto level = is_pause ? media::kSilenceLevel : loudness;
    const wire::RtpHeader header{
        .marker = !talking_,  // the first packet of a talk spurt (RFC 3551 section 4.1)
        .payload_type = wire::kPayloadTypeOpus,
        .seq = 0,
        .timestamp = timestamp,
        .ssrc = ssrc_,
        .audio_level = wire::AudioLevel{.voice = level < kVoiceLevel, .level = level}};
    talking_ = !is_pause;
    if (!link.send_rtp(header, payload, batch)) return;
    ++sent_;
    payload_bytes_ += payload.size();
}

void AudioOut::allow_dtx(bool allowed) {
    auto config = encoder_.config();
    config.dtx = allowed && has_dtx_;
    configure(config);
}

void AudioOut::expect_loss(double loss) { configure(media::prepared_for(encoder_.config(), loss)); }

void AudioOut::configure(const media::OpusConfig& config) {
    if (config != encoder_.config()) (void)encoder_.configure(config);  // only values that Opus takes
}

media::ReportExchange::Sent AudioOut::sent() const {
    return {.ssrc = ssrc_, .packets = sent_, .payload_bytes = payload_bytes_, .timestamp = timestamp_};
}

Result<void> VideoOut::frame(Bytes jpeg, Time captured_at, MediaLink& link, DatagramBatch& batch) {
    const auto frame = wire::parse_jpeg(jpeg);
    if (!frame) return frame.error();
    const wire::JpegPacketizer packetizer(*frame, MediaLink::kMaxPayload);
    std::array<std::uint8_t, MediaLink::kMaxPayload> payload;
    for (std::size_t i = 0; i < packetizer.count(); ++i) {
        const auto size = packetizer.write(i, payload);
        const wire::RtpHeader header{.marker = packetizer.is_last(i),
                                     .payload_type = wire::kPayloadTypeJpeg,
                                     .seq = 0,
                                     .timestamp = video_timestamp(captured_at),
                                     .ssrc = ssrc_,
                                     .audio_level = std::nullopt};
        if (!link.send_rtp(header, Bytes(payload).first(size), batch)) return {};
    }
    ++sent_;
    return {};
}

}  // namespace connectsphere::client
