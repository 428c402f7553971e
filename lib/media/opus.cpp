#include "lib/media/opus.hpp"

#include <opus/opus.h>

#include <algorithm>
#include <stdexcept>

namespace connectsphere::media {
namespace {

constexpr int kMono = 1;
constexpr int kFrameInt = static_cast<int>(kFrame);
constexpr double kFecFromLoss = 0.015;
constexpr int kMaxExpectedLoss = 20;  // percent: beyond, FEC would take more than it gives

// operator new aligns every block for any type, and Opus keeps only offsets and pointers to constant tables
// in its state: bytes are a home as good as what opus_encoder_create would allocate.
::OpusEncoder* encoder(Buffer& state) { return reinterpret_cast<::OpusEncoder*>(state.data()); }
::OpusDecoder* decoder(Buffer& state) { return reinterpret_cast<::OpusDecoder*>(state.data()); }

Error opus_error(int code) {
    return {code == OPUS_INVALID_PACKET ? Errc::malformed : Errc::unsupported,
            std::string("opus: ") + opus_strerror(code)};
}

}  // namespace

OpusConfig prepared_for(OpusConfig config, double loss) {
    config.inband_fec = loss >= kFecFromLoss;
    const int percent = std::min(static_cast<int>(loss * 100 + 0.5), kMaxExpectedLoss);
    config.expected_loss_percent = config.inband_fec ? percent : 0;
    return config;
}

int frame_samples(Bytes packet) {
    if (packet.empty()) return 0;
    const int samples =
        opus_packet_get_nb_samples(packet.data(), static_cast<opus_int32>(packet.size()), kSampleRate);
    return samples > 0 ? samples : 0;
}

bool has_fec(Bytes packet) {
    // RFC 6716 section 3.1: configurations from 16 on are CELT alone, which has no FEC.
    if (packet.size() <= kMaxDtxPacket || packet[0] >> 3 >= 16) return false;
    const unsigned char* frames[48];
    opus_int16 sizes[48];
    const int count = opus_packet_parse(packet.data(), static_cast<opus_int32>(packet.size()), nullptr,
                                        frames, sizes, nullptr);
    if (count < 1 || sizes[0] < 1) return false;
    // Section 4.2.3: a SILK frame begins with a voice activity bit per 20 ms, then the LBRR bit; then the
    // same for the second channel. As they are equally likely, the range coder stores them as they are.
    const int silk_frames = std::max(1, opus_packet_get_samples_per_frame(packet.data(), 1'000) / 20);
    for (int channel = 1; channel <= opus_packet_get_nb_channels(packet.data()); ++channel) {
        if ((frames[0][0] & (0x80 >> ((silk_frames + 1) * channel - 1))) != 0) return true;
    }
    return false;
}

OpusEncoder::OpusEncoder(const OpusConfig& config)
    : state_(static_cast<std::size_t>(opus_encoder_get_size(kMono))) {
    opus_encoder_init(encoder(state_), kSampleRate, kMono, OPUS_APPLICATION_VOIP);
    if (const auto configured = configure(config); !configured) {
        throw std::runtime_error(configured.error().text());
    }
}

Result<std::size_t> OpusEncoder::encode(std::span<const std::int16_t, kFrame> frame, MutableBytes out) {
    const opus_int32 size = opus_encode(encoder(state_), frame.data(), kFrameInt, out.data(),
                                        static_cast<opus_int32>(out.size()));
    if (size < 0) return opus_error(size);
    return static_cast<std::size_t>(size);
}

Result<void> OpusEncoder::configure(const OpusConfig& config) {
    ::OpusEncoder* const state = encoder(state_);
    for (const int error : {
             opus_encoder_ctl(state, OPUS_SET_BITRATE(config.bitrate)),
             opus_encoder_ctl(state, OPUS_SET_COMPLEXITY(config.complexity)),
             opus_encoder_ctl(state, OPUS_SET_INBAND_FEC(config.inband_fec ? 1 : 0)),
             opus_encoder_ctl(state, OPUS_SET_PACKET_LOSS_PERC(config.expected_loss_percent)),
             opus_encoder_ctl(state, OPUS_SET_DTX(config.dtx ? 1 : 0)),
             opus_encoder_ctl(state,
                              OPUS_SET_SIGNAL(config.by_transform() ? OPUS_SIGNAL_MUSIC : OPUS_SIGNAL_VOICE)),
         }) {
        if (error != OPUS_OK) return opus_error(error);
    }
    config_ = config;
    return {};
}

void OpusEncoder::copy_state_from(const OpusEncoder& other) {
    state_ = other.state_;  // of one size: copied in place
    config_ = other.config_;
}

OpusDecoder::OpusDecoder() : state_(static_cast<std::size_t>(opus_decoder_get_size(kMono))) {
    opus_decoder_init(decoder(state_), kSampleRate, kMono);
}

Result<void> OpusDecoder::decode(Bytes packet, AudioFrame& out) { return run(packet, false, out); }

Result<void> OpusDecoder::decode_fec(Bytes next, AudioFrame& out) { return run(next, true, out); }

void OpusDecoder::conceal(AudioFrame& out) {
    if (opus_decode(decoder(state_), nullptr, 0, out.data(), kFrameInt, 0) != kFrameInt) out.fill(0);
}

void OpusDecoder::reset() { opus_decoder_ctl(decoder(state_), OPUS_RESET_STATE); }

Result<void> OpusDecoder::run(Bytes packet, bool fec, AudioFrame& out) {
    const int samples = frame_samples(packet);
    if (samples == 0) return Error{Errc::malformed, "opus packet"};
    if (samples != kFrameInt) return Error{Errc::unsupported, "opus: not 20 ms"};
    const int decoded = opus_decode(decoder(state_), packet.data(), static_cast<opus_int32>(packet.size()),
                                    out.data(), kFrameInt, fec ? 1 : 0);
    if (decoded < 0) return opus_error(decoded);
    return {};
}

}  // namespace connectsphere::media
