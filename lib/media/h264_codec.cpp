#include "lib/media/h264_codec.hpp"

#include <wels/codec_api.h>

#include <algorithm>
#include <array>
#include <utility>

namespace connectsphere::media {

namespace {

constexpr int kMaxSide = 4096;
constexpr int kLogNothing = WELS_LOG_QUIET;

void copy_plane(const unsigned char* from, int stride, MutableBytes to, int width, int height) {
    for (int y = 0; y < height; ++y)
        std::copy_n(from + y * stride, width, to.begin() + static_cast<std::ptrdiff_t>(y) * width);
}

}  // namespace

struct H264Encoder::State {
    VideoEncoderConfig config;
    ISVCEncoder* codec = nullptr;
    std::int64_t frames = 0;
    Buffer out;

    ~State() {
        if (codec == nullptr) return;
        codec->Uninitialize();
        WelsDestroySVCEncoder(codec);
    }
};

H264Encoder::H264Encoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
H264Encoder::~H264Encoder() = default;
H264Encoder::H264Encoder(H264Encoder&&) noexcept = default;
H264Encoder& H264Encoder::operator=(H264Encoder&&) noexcept = default;

Result<H264Encoder> H264Encoder::make(const VideoEncoderConfig& config) {
    auto state = std::make_unique<State>();
    state->config = config;
    if (WelsCreateSVCEncoder(&state->codec) != 0 || state->codec == nullptr)
        return Error{Errc::unavailable, "h264: no encoder"};
    int level = kLogNothing;
    state->codec->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);

    SEncParamExt settings{};
    state->codec->GetDefaultParams(&settings);
    settings.iUsageType = CAMERA_VIDEO_REAL_TIME;
    settings.iPicWidth = config.width;
    settings.iPicHeight = config.height;
    settings.fMaxFrameRate = static_cast<float>(config.frame_rate);
    settings.iTargetBitrate = config.bits_per_second;
    settings.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    settings.iRCMode = RC_BITRATE_MODE;
    settings.bEnableFrameSkip = false;
    settings.iTemporalLayerNum = 1;  // RTP does not say which packet is of which layer
    settings.iSpatialLayerNum = 1;
    settings.uiIntraPeriod = 0;  // on request
    settings.iMultipleThreadIdc = 1;
    settings.iComplexityMode = LOW_COMPLEXITY;
    settings.eSpsPpsIdStrategy = CONSTANT_ID;
    SSpatialLayerConfig& layer = settings.sSpatialLayers[0];
    layer.iVideoWidth = config.width;
    layer.iVideoHeight = config.height;
    layer.fFrameRate = settings.fMaxFrameRate;
    layer.iSpatialBitrate = config.bits_per_second;
    layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    if (state->codec->InitializeExt(&settings) != cmResultSuccess)
        return Error{Errc::usage, "h264: these settings do not go together"};
    return H264Encoder(std::move(state));
}

Result<EncodedPicture> H264Encoder::encode(const Image& image, bool key_frame) {
    State& state = *state_;
    if (image.format != PixelFormat::i420 || image.width != state.config.width ||
        image.height != state.config.height) {
        return Error{Errc::usage, "h264: a picture of another size"};
    }
    if (key_frame) state.codec->ForceIntraFrame(true);
    SSourcePicture picture{};
    picture.iColorFormat = videoFormatI420;
    picture.iPicWidth = image.width;
    picture.iPicHeight = image.height;
    picture.uiTimeStamp = static_cast<long long>(static_cast<double>(state.frames++) * 1000 /
                                                 std::max(1.0, state.config.frame_rate));
    for (int i = 0; i < 3; ++i) {
        picture.iStride[i] = plane(image, i).width;
        // openh264 only reads through this pointer.
        picture.pData[i] = const_cast<unsigned char*>(image.pixels.data()) + plane(image, i).offset;
    }
    SFrameBSInfo info{};
    if (state.codec->EncodeFrame(&picture, &info) != cmResultSuccess)
        return Error{Errc::usage, "h264: not encoded"};
    if (info.eFrameType == videoFrameTypeSkip || info.iFrameSizeInBytes == 0)
        return Error{Errc::unavailable, "h264: no picture came out"};

    state.out.clear();
    for (int i = 0; i < info.iLayerNum; ++i) {
        const SLayerBSInfo& layer = info.sLayerInfo[i];
        int size = 0;
        for (int unit = 0; unit < layer.iNalCount; ++unit) size += layer.pNalLengthInByte[unit];
        state.out.insert(state.out.end(), layer.pBsBuf, layer.pBsBuf + size);
    }
    return EncodedPicture{.data = state.out, .is_key_frame = info.eFrameType == videoFrameTypeIDR};
}

struct H264Decoder::State {
    ISVCDecoder* codec = nullptr;

    State() {
        if (WelsCreateDecoder(&codec) != 0) return;
        int level = kLogNothing;
        codec->SetOption(DECODER_OPTION_TRACE_LEVEL, &level);
        SDecodingParam settings{};
        settings.eEcActiveIdc = ERROR_CON_DISABLE;
        settings.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
        codec->Initialize(&settings);
    }
    ~State() {
        if (codec == nullptr) return;
        codec->Uninitialize();
        WelsDestroyDecoder(codec);
    }
};

H264Decoder::H264Decoder() : state_(std::make_unique<State>()) {}
H264Decoder::~H264Decoder() = default;
H264Decoder::H264Decoder(H264Decoder&&) noexcept = default;
H264Decoder& H264Decoder::operator=(H264Decoder&&) noexcept = default;

Result<void> H264Decoder::decode(Bytes access_unit, Image& out) {
    if (state_->codec == nullptr) return Error{Errc::unavailable, "h264: no decoder"};
    std::array<unsigned char*, 3> planes{};
    SBufferInfo info{};
    const auto state = state_->codec->DecodeFrameNoDelay(
        access_unit.data(), static_cast<int>(access_unit.size()), planes.data(), &info);
    if (state != dsErrorFree) return Error{Errc::malformed, "h264: not decoded"};
    if (info.iBufferStatus != 1) return Error{Errc::unavailable, "h264: no picture"};
    const auto& layout = info.UsrData.sSystemBuffer;
    if (layout.iWidth < 1 || layout.iHeight < 1 || layout.iWidth > kMaxSide || layout.iHeight > kMaxSide)
        return Error{Errc::malformed, "h264: bad size"};
    resize(out, PixelFormat::i420, layout.iWidth, layout.iHeight);
    for (int i = 0; i < 3; ++i) {
        const Plane p = plane(out, i);
        copy_plane(planes[static_cast<std::size_t>(i)], layout.iStride[i == 0 ? 0 : 1],
                   MutableBytes(out.pixels).subspan(p.offset), p.width, p.height);
    }
    return {};
}

}  // namespace connectsphere::media
