#include "lib/client/video_encoders.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "lib/media/h264_codec.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/picture_tools.hpp"
#include "lib/media/vp8_codec.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxSizes = 3;
constexpr int kLeastHeight = 90;  // a smaller picture saves nothing

media::VideoEncoderConfig config_of(const VideoEncoding& encoding) {
    return {.width = encoding.width,
            .height = encoding.height,
            .frame_rate = encoding.frame_rate,
            .bits_per_second = media::usual_bitrate(encoding.width, encoding.height, encoding.frame_rate),
            .temporal_layers = true};
}

EncodedVideo owned(const media::EncodedPicture& picture) {
    return {.data = Buffer(picture.data.begin(), picture.data.end()),
            .is_key_frame = picture.is_key_frame,
            .temporal_layer = picture.temporal_layer,
            .layer_sync = picture.layer_sync,
            .non_reference = picture.non_reference};
}

}  // namespace

std::vector<VideoEncoding> plan_encodings(VideoCodecChoice choice, const VideoSource::Format& format) {
    const VideoEncoding whole{proto::JPEG, format.width, format.height, format.frame_rate};
    auto with = [](VideoEncoding encoding, proto::Codec codec) {
        encoding.codec = codec;
        return encoding;
    };
    if (choice == VideoCodecChoice::jpeg) return {whole};
    if (choice == VideoCodecChoice::h264) return {with(whole, proto::H264)};
    std::vector<VideoEncoding> plan;
    VideoEncoding next = with(whole, proto::VP8);
    while (plan.size() < kMaxSizes) {
        plan.push_back(next);
        if (next.width % 4 != 0 || next.height % 4 != 0 || next.height / 2 < kLeastHeight) break;
        next.width /= 2;
        next.height /= 2;
    }
    if (choice == VideoCodecChoice::automatic) plan.push_back(whole);
    return plan;
}

proto::Stream describe_stream(VideoCodecChoice choice, const VideoSource::Format& format) {
    proto::Stream stream;
    stream.set_stream_id(2);
    stream.set_kind(proto::VIDEO);
    for (const auto& planned : plan_encodings(choice, format)) {
        auto& encoding = *stream.add_encodings();
        encoding.set_codec(planned.codec);
        encoding.set_width(static_cast<std::uint32_t>(planned.width));
        encoding.set_height(static_cast<std::uint32_t>(planned.height));
        encoding.set_frame_rate(static_cast<std::uint32_t>(std::lround(planned.frame_rate)));
    }
    return stream;
}

class VideoEncoders::Encoder {
  public:
    explicit Encoder(const VideoEncoding& encoding, int jpeg_quality)
        : encoding_(encoding), jpeg_quality_(jpeg_quality) {}

    std::optional<EncodedVideo> encode(const media::Image& picture, bool key_frame) {
        switch (encoding_.codec) {
            case proto::JPEG: {
                if (!jpeg_) jpeg_.emplace();
                const auto file = jpeg_->encode(picture, jpeg_quality_);
                if (!file) return std::nullopt;
                return EncodedVideo{.data = Buffer(file->begin(), file->end())};
            }
            case proto::VP8:
                return encode_with(vp8_, picture, key_frame);
            default:
                return encode_with(h264_, picture, key_frame);
        }
    }

  private:
    template <class Codec>
    std::optional<EncodedVideo> encode_with(std::optional<Codec>& codec, const media::Image& picture,
                                            bool key_frame) {
        if (!codec) {
            auto made = Codec::make(config_of(encoding_));
            if (!made) return std::nullopt;
            codec.emplace(std::move(*made));
        }
        const auto encoded = codec->encode(picture, key_frame);
        if (!encoded) return std::nullopt;
        return owned(*encoded);
    }

    VideoEncoding encoding_;
    int jpeg_quality_;
    std::optional<media::JpegEncoder> jpeg_;
    std::optional<media::Vp8Encoder> vp8_;
    std::optional<media::H264Encoder> h264_;
};

VideoEncoders::VideoEncoders(std::vector<VideoEncoding> plan, int jpeg_quality)
    : plan_(std::move(plan)), sizes_(kMaxSizes) {
    for (const auto& encoding : plan_) encoders_.push_back(std::make_unique<Encoder>(encoding, jpeg_quality));
}

VideoEncoders::~VideoEncoders() = default;
VideoEncoders::VideoEncoders(VideoEncoders&&) noexcept = default;

std::vector<EncodedVideo> VideoEncoders::encode(const media::Image& picture, EncodingMask wanted,
                                                EncodingMask key_frames) {
    std::vector<EncodedVideo> out;
    std::size_t made = 0;  // sizes of this picture
    for (std::size_t i = 0; i < plan_.size(); ++i) {
        const EncodingMask bit = EncodingMask{1} << i;
        if ((wanted & bit) == 0) continue;
        const media::Image* input = &picture;
        if (plan_[i].codec != proto::JPEG) {
            if (made == 0) media::to_i420(picture, sizes_[made++]);
            while (sizes_[made - 1].width > plan_[i].width && made < sizes_.size()) {
                media::halve(sizes_[made - 1], sizes_[made]);
                ++made;
            }
            for (std::size_t size = 0; size < made; ++size)
                if (sizes_[size].width == plan_[i].width) input = &sizes_[size];
        }
        const bool is_new = (active_ & bit) == 0;
        auto encoded = encoders_[i]->encode(*input, is_new || (key_frames & bit) != 0);
        if (!encoded) continue;
        encoded->encoding = i;
        out.push_back(std::move(*encoded));
    }
    active_ = wanted;
    return out;
}

}  // namespace connectsphere::client
