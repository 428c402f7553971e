#include "lib/media/vp8_codec.hpp"

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace connectsphere::media {

namespace {

constexpr int kSpeed = -8;  // of -16 (fastest) to 0: about 2 ms for 640x360
constexpr unsigned kMinQuantizer = 4, kMaxQuantizer = 56;
constexpr int kMaxKeyFrameShare = 300;  // percent of a frame's average share
constexpr int kLayers = 3;

// Layer 0 lives in the last frame, layer 1 in the golden one, layer 2 in none. The tables of the entropy
// coder are a reference too, and only layer 0 may change them: who left out a frame of layer 1 that did would
// read all later ones wrongly.
struct Slot {
    std::uint8_t layer;
    bool sync;
    vpx_enc_frame_flags_t flags;
};
constexpr vpx_enc_frame_flags_t kLastOnly = VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF;
constexpr vpx_enc_frame_flags_t kUpdatesNothing =
    VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY;
constexpr std::array<Slot, 4> kPattern{{
    {0, false, kLastOnly | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF},
    {2, true, kLastOnly | kUpdatesNothing},
    {1, true, kLastOnly | VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY},
    {2, false, VP8_EFLAG_NO_REF_ARF | kUpdatesNothing},
}};

Error error_of(vpx_codec_ctx_t& codec, Errc code) {
    return {code, std::string("vp8: ") + vpx_codec_error(&codec)};
}

void set_layers(vpx_codec_enc_cfg_t& settings) {
    settings.ts_number_layers = kLayers;
    settings.ts_periodicity = kPattern.size();
    for (std::size_t i = 0; i < kPattern.size(); ++i) settings.ts_layer_id[i] = kPattern[i].layer;
    const unsigned total = settings.rc_target_bitrate;
    const std::array<unsigned, kLayers> decimators{4, 2, 1};
    const std::array<unsigned, kLayers> rates{total * 4 / 10, total * 6 / 10, total};  // cumulative
    for (std::size_t i = 0; i < kLayers; ++i) {
        settings.ts_rate_decimator[i] = decimators[i];
        settings.ts_target_bitrate[i] = rates[i];
    }
}

void copy_plane(const unsigned char* from, int stride, MutableBytes to, int width, int height) {
    for (int y = 0; y < height; ++y)
        std::copy_n(from + y * stride, width, to.begin() + static_cast<std::ptrdiff_t>(y) * width);
}

}  // namespace

struct Vp8Encoder::State {
    VideoEncoderConfig config;
    vpx_codec_ctx_t codec{};
    std::size_t slot = 0;
    vpx_codec_pts_t time = 0;

    ~State() { vpx_codec_destroy(&codec); }
};

Vp8Encoder::Vp8Encoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vp8Encoder::~Vp8Encoder() = default;
Vp8Encoder::Vp8Encoder(Vp8Encoder&&) noexcept = default;
Vp8Encoder& Vp8Encoder::operator=(Vp8Encoder&&) noexcept = default;

Result<Vp8Encoder> Vp8Encoder::make(const VideoEncoderConfig& config) {
    vpx_codec_enc_cfg_t settings{};
    if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &settings, 0) != VPX_CODEC_OK)
        return Error{Errc::unavailable, "vp8: no encoder"};
    settings.g_w = static_cast<unsigned>(config.width);
    settings.g_h = static_cast<unsigned>(config.height);
    settings.g_timebase = {1, static_cast<int>(std::max(1.0, config.frame_rate + 0.5))};
    settings.g_threads = 1;
    settings.g_lag_in_frames = 0;
    settings.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
    settings.rc_end_usage = VPX_CBR;
    settings.rc_target_bitrate = static_cast<unsigned>(std::max(config.bits_per_second / 1000, 10));
    settings.rc_min_quantizer = kMinQuantizer;
    settings.rc_max_quantizer = kMaxQuantizer;
    settings.rc_dropframe_thresh = 0;
    settings.rc_buf_initial_sz = 500;
    settings.rc_buf_optimal_sz = 600;
    settings.rc_buf_sz = 1000;
    settings.kf_mode = VPX_KF_DISABLED;  // on request
    if (config.temporal_layers) set_layers(settings);

    auto state = std::make_unique<State>();
    state->config = config;
    if (vpx_codec_enc_init(&state->codec, vpx_codec_vp8_cx(), &settings, 0) != VPX_CODEC_OK)
        return error_of(state->codec, Errc::usage);
    vpx_codec_control(&state->codec, VP8E_SET_CPUUSED, kSpeed);
    vpx_codec_control(&state->codec, VP8E_SET_STATIC_THRESHOLD, 1U);
    vpx_codec_control(&state->codec, VP8E_SET_NOISE_SENSITIVITY, 0U);
    vpx_codec_control(&state->codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, unsigned{kMaxKeyFrameShare});
    return Vp8Encoder(std::move(state));
}

Result<EncodedPicture> Vp8Encoder::encode(const Image& image, bool key_frame) {
    State& state = *state_;
    if (image.format != PixelFormat::i420 || image.width != state.config.width ||
        image.height != state.config.height) {
        return Error{Errc::usage, "vp8: a picture of another size"};
    }
    if (key_frame || state.time == 0) state.slot = 0;
    const Slot& slot = kPattern[state.slot];
    vpx_enc_frame_flags_t flags = 0;
    if (state.config.temporal_layers) {
        flags = slot.flags;
        vpx_codec_control(&state.codec, VP8E_SET_TEMPORAL_LAYER_ID, int{slot.layer});
    }
    if (key_frame || state.time == 0) flags = VPX_EFLAG_FORCE_KF;

    vpx_image_t raw;
    // libvpx only reads through this pointer.
    auto* pixels = const_cast<unsigned char*>(image.pixels.data());
    vpx_img_wrap(&raw, VPX_IMG_FMT_I420, static_cast<unsigned>(image.width),
                 static_cast<unsigned>(image.height), 1, pixels);
    raw.stride[VPX_PLANE_U] = raw.stride[VPX_PLANE_V] = plane(image, 1).width;
    raw.planes[VPX_PLANE_U] = pixels + plane(image, 1).offset;
    raw.planes[VPX_PLANE_V] = pixels + plane(image, 2).offset;
    if (vpx_codec_encode(&state.codec, &raw, state.time++, 1, flags, VPX_DL_REALTIME) != VPX_CODEC_OK)
        return error_of(state.codec, Errc::usage);

    vpx_codec_iter_t iterator = nullptr;
    while (const auto* packet = vpx_codec_get_cx_data(&state.codec, &iterator)) {
        if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
        const auto& frame = packet->data.frame;
        const bool is_key = (frame.flags & VPX_FRAME_IS_KEY) != 0;
        EncodedPicture out{.data = {static_cast<const std::uint8_t*>(frame.buf), frame.sz},
                           .is_key_frame = is_key};
        if (state.config.temporal_layers && !is_key) {
            out.temporal_layer = slot.layer;
            out.layer_sync = slot.sync;
            out.non_reference = slot.layer == kLayers - 1;
        }
        state.slot = is_key ? 1 : (state.slot + 1) % kPattern.size();
        return out;
    }
    return Error{Errc::unavailable, "vp8: no picture came out"};
}

struct Vp8Decoder::State {
    vpx_codec_ctx_t codec{};
    bool is_open = false;

    State() { is_open = vpx_codec_dec_init(&codec, vpx_codec_vp8_dx(), nullptr, 0) == VPX_CODEC_OK; }
    ~State() {
        if (is_open) vpx_codec_destroy(&codec);
    }
};

Vp8Decoder::Vp8Decoder() : state_(std::make_unique<State>()) {}
Vp8Decoder::~Vp8Decoder() = default;
Vp8Decoder::Vp8Decoder(Vp8Decoder&&) noexcept = default;
Vp8Decoder& Vp8Decoder::operator=(Vp8Decoder&&) noexcept = default;

Result<void> Vp8Decoder::decode(Bytes frame, Image& out) {
    State& state = *state_;
    if (!state.is_open) return Error{Errc::unavailable, "vp8: no decoder"};
    vpx_codec_stream_info_t info{};
    info.sz = sizeof info;
    const auto size = static_cast<unsigned>(frame.size());
    const bool is_key = !frame.empty() && (frame[0] & 1) == 0;
    if (is_key &&
        (vpx_codec_peek_stream_info(vpx_codec_vp8_dx(), frame.data(), size, &info) != VPX_CODEC_OK ||
         info.w > kMaxVideoSide || info.h > kMaxVideoSide)) {
        return Error{Errc::malformed, "vp8: bad size"};
    }
    if (vpx_codec_decode(&state.codec, frame.data(), size, nullptr, 0) != VPX_CODEC_OK)
        return error_of(state.codec, Errc::malformed);
    vpx_codec_iter_t iterator = nullptr;
    const vpx_image_t* raw = vpx_codec_get_frame(&state.codec, &iterator);
    if (raw == nullptr || raw->fmt != VPX_IMG_FMT_I420) return Error{Errc::malformed, "vp8: no picture"};
    resize(out, PixelFormat::i420, static_cast<int>(raw->d_w), static_cast<int>(raw->d_h));
    for (int i = 0; i < 3; ++i) {
        const Plane p = plane(out, i);
        copy_plane(raw->planes[i], raw->stride[i], MutableBytes(out.pixels).subspan(p.offset), p.width,
                   p.height);
    }
    return {};
}

}  // namespace connectsphere::media
