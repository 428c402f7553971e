#include "lib/client/video_decoder.hpp"

#include <utility>

#include "lib/media/h264_codec.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/vp8_codec.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::client {

namespace {

template <class Assembler>
void push_picture(std::optional<Assembler>& assembler, proto::Codec codec, const wire::RtpHeader& header,
                  Bytes payload, const VideoReceiver::OnFrame& on_frame) {
    if (!assembler) assembler.emplace();
    if (!assembler->push(header, payload)) return;
    while (const auto picture = assembler->next()) {
        on_frame({.codec = codec,
                  .timestamp = picture->timestamp,
                  .is_key_frame = picture->is_key_frame,
                  .data = picture->bytes});
    }
}

void add(VideoReceiver::Stats& sum, const wire::PictureAssemblerStats& stats) {
    sum.frames += stats.frames;
    sum.incomplete += stats.incomplete + stats.undecodable;
    sum.corrupt += stats.oversized;
    sum.late += stats.late;
}

}  // namespace

void VideoReceiver::push(const wire::RtpHeader& header, Bytes payload, const OnFrame& on_frame) {
    newest_type_ = header.payload_type;
    switch (header.payload_type) {
        case wire::kPayloadTypeJpeg: {
            if (!jpeg_) jpeg_.emplace();
            if (!jpeg_->push(header, payload)) return;
            while (const auto picture = jpeg_->next()) {
                wire::write_jpeg(picture->frame, file_);
                on_frame({.codec = proto::JPEG, .timestamp = picture->timestamp, .data = file_});
            }
            return;
        }
        case wire::kPayloadTypeVp8:
            return push_picture(vp8_, proto::VP8, header, payload, on_frame);
        case wire::kPayloadTypeH264:
            return push_picture(h264_, proto::H264, header, payload, on_frame);
        default:
            return;
    }
}

bool VideoReceiver::needs_key_frame() const {
    if (newest_type_ == wire::kPayloadTypeVp8) return vp8_ && vp8_->needs_key_frame();
    return newest_type_ == wire::kPayloadTypeH264 && h264_ && h264_->needs_key_frame();
}

VideoReceiver::Stats& VideoReceiver::Stats::operator+=(const Stats& other) {
    frames += other.frames;
    incomplete += other.incomplete;
    corrupt += other.corrupt;
    late += other.late;
    return *this;
}

VideoReceiver::Stats VideoReceiver::stats() const {
    Stats sum;
    if (jpeg_) {
        const auto& stats = jpeg_->stats();
        sum = {.frames = stats.frames,
               .incomplete = stats.incomplete,
               .corrupt = stats.corrupt,
               .late = stats.late};
    }
    if (vp8_) add(sum, vp8_->stats());
    if (h264_) add(sum, h264_->stats());
    return sum;
}

struct VideoDecoder::State {
    std::optional<media::JpegDecoder> jpeg;
    std::optional<media::Vp8Decoder> vp8;
    std::optional<media::H264Decoder> h264;
    bool needs_key_frame = true;  // nothing was decoded yet, or what followed is lost with a damaged frame
    proto::Codec codec = proto::JPEG;

    Result<void> decode(const ReceivedVideo& frame, media::Image& out);
};

Result<void> VideoDecoder::State::decode(const ReceivedVideo& frame, media::Image& out) {
    const auto with = [](auto& decoder) -> auto& {
        if (!decoder) decoder.emplace();
        return *decoder;
    };
    switch (frame.codec) {
        case proto::JPEG:
            return with(jpeg).decode(frame.data, media::PixelFormat::i420, out);
        case proto::VP8:
            return with(vp8).decode(frame.data, out);
        case proto::H264:
            return with(h264).decode(frame.data, out);
        default:
            return Error{Errc::unsupported, "video codec"};
    }
}

VideoDecoder::VideoDecoder() : state_(std::make_unique<State>()) {}
VideoDecoder::~VideoDecoder() = default;
VideoDecoder::VideoDecoder(VideoDecoder&&) noexcept = default;
VideoDecoder& VideoDecoder::operator=(VideoDecoder&&) noexcept = default;

Result<void> VideoDecoder::decode(const ReceivedVideo& frame, media::Image& out) {
    State& state = *state_;
    if (frame.codec != state.codec) state.needs_key_frame = true;
    state.codec = frame.codec;
    if (state.needs_key_frame && !frame.is_key_frame) return Error{Errc::unavailable, "no key frame yet"};
    const auto done = state.decode(frame, out);
    state.needs_key_frame = !done;
    return done;
}

}  // namespace connectsphere::client
