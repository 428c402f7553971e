#include "lib/client/media_out.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/wire/h264_payload.hpp"
#include "lib/wire/jpeg.hpp"
#include "lib/wire/jpeg_payload.hpp"
#include "lib/wire/ntp.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/vp8_payload.hpp"

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

std::uint8_t payload_type_of(proto::Codec codec) {
    if (codec == proto::VP8) return wire::kPayloadTypeVp8;
    return codec == proto::H264 ? wire::kPayloadTypeH264 : wire::kPayloadTypeJpeg;
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

void VideoOut::set_encodings(std::vector<VideoEncoding> plan, std::vector<Ssrc> ssrcs) {
    // Who keeps its SSRC goes on counting.
    const auto before = std::exchange(sendings_, {});
    for (std::size_t i = 0; i < std::min(plan.size(), ssrcs.size()); ++i) {
        const auto old = std::find_if(before.begin(), before.end(),
                                      [&](const Sending& sending) { return sending.ssrc == ssrcs[i]; });
        sendings_.push_back(old == before.end() ? Sending{.encoding = plan[i], .ssrc = ssrcs[i]} : *old);
    }
}

std::optional<std::size_t> VideoOut::place_of(Ssrc ssrc) const {
    for (std::size_t i = 0; i < sendings_.size(); ++i)
        if (sendings_[i].ssrc == ssrc) return i;
    return std::nullopt;
}

template <class Packetizer>
void VideoOut::send(Sending& sending, const Packetizer& packetizer, MediaLink& link, DatagramBatch& batch) {
    std::array<std::uint8_t, MediaLink::kMaxPayload> payload;
    for (std::size_t i = 0; i < packetizer.count(); ++i) {
        const auto size = packetizer.write(i, payload);
        const wire::RtpHeader header{.marker = packetizer.is_last(i),
                                     .payload_type = payload_type_of(sending.encoding.codec),
                                     .seq = 0,
                                     .timestamp = sending.timestamp,
                                     .ssrc = sending.ssrc,
                                     .audio_level = std::nullopt};
        if (!link.send_rtp(header, Bytes(payload).first(size), batch)) return;
        ++sending.packets;
        sending.bytes += static_cast<std::uint32_t>(size);
    }
}

Result<void> VideoOut::send(Sending& sending, const EncodedVideo& encoded, MediaLink& link,
                            DatagramBatch& batch) {
    switch (sending.encoding.codec) {
        case proto::JPEG: {
            const auto frame = wire::parse_jpeg(encoded.data);
            if (!frame) return frame.error();
            send(sending, wire::JpegPacketizer(*frame, MediaLink::kMaxPayload), link, batch);
            return {};
        }
        case proto::VP8: {
            ++sending.picture_id;
            if (encoded.temporal_layer == 0) ++sending.tl0_index;
            const wire::Vp8Frame frame{.picture_id = sending.picture_id,
                                       .tl0_index = sending.tl0_index,
                                       .temporal_layer = encoded.temporal_layer,
                                       .layer_sync = encoded.layer_sync,
                                       .non_reference = encoded.non_reference,
                                       .data = encoded.data};
            send(sending, wire::Vp8Packetizer(frame, MediaLink::kMaxPayload), link, batch);
            return {};
        }
        default: {
            std::vector<Bytes> units;
            wire::split_h264(encoded.data, units);
            send(sending, wire::H264Packetizer(units, MediaLink::kMaxPayload), link, batch);
            return {};
        }
    }
}

Result<void> VideoOut::picture(std::span<const EncodedVideo> encoded, Time captured_at, MediaLink& link,
                               DatagramBatch& batch) {
    bool is_sent = false;
    for (const auto& one : encoded) {
        if (one.encoding >= sendings_.size() || one.data.empty()) continue;
        Sending& sending = sendings_[one.encoding];
        sending.timestamp = video_timestamp(captured_at);
        sending.newest_at = captured_at;
        if (const auto done = send(sending, one, link, batch); !done) return done;
        is_sent = true;
    }
    sent_ += is_sent ? 1 : 0;
    return {};
}

void VideoOut::report(Time now, WallTime wall, MediaLink& link, DatagramBatch& batch) {
    constexpr Duration kActive = 2s;
    for (const auto& sending : sendings_) {
        if (sending.packets == 0 || now - sending.newest_at > kActive) continue;
        std::array<std::uint8_t, 128> plain;
        Writer writer(plain);
        wire::write_sender_report(writer, sending.ssrc,
                                  {.ntp = wire::to_ntp(wall),
                                   .rtp_timestamp = video_timestamp(now),
                                   .packets = sending.packets,
                                   .bytes = sending.bytes});
        wire::write_cname(writer, sending.ssrc, "connectsphere");
        (void)link.send_rtcp(writer.written(), batch);
    }
}

}  // namespace connectsphere::client
