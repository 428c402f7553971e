// Matroska through libavformat. Debian's build of it is GPL: a program that links this file is distributed
// under GPL terms (README.md, "Licences").
#include "lib/client/video_recording.hpp"

extern "C" {
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <utility>

#include "lib/wire/jpeg.hpp"

namespace connectsphere::client {

namespace {

constexpr AVRational kRtpClock{1, 90'000};
constexpr char kClusterLimit[] = "1000";  // ms: what a crash may cost

AVCodecID codec_id(proto::Codec codec) {
    if (codec == proto::VP8) return AV_CODEC_ID_VP8;
    return codec == proto::H264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_MJPEG;
}

struct Size {
    int width, height;
};

// RFC 6386 section 9.1: behind the frame tag and the start code, 14 bits each.
Size size_of(const ReceivedVideo& frame, Size published) {
    if (frame.codec == proto::JPEG) {
        const auto jpeg = wire::parse_jpeg(frame.data);
        return jpeg ? Size{jpeg->width, jpeg->height} : published;
    }
    if (frame.codec != proto::VP8 || frame.data.size() < 10) return published;
    return {(frame.data[6] | frame.data[7] << 8) & 0x3FFF, (frame.data[8] | frame.data[9] << 8) & 0x3FFF};
}

Error failed(const std::string& path) { return {Errc::system, path + " can not be written"}; }

}  // namespace

struct VideoRecording::State {
    std::string path;
    proto::Codec codec = proto::JPEG;
    AVFormatContext* file = nullptr;
    AVPacket* packet = av_packet_alloc();
    TimestampUnwrapper timestamp;
    std::int64_t first = 0;
    std::int64_t newest = -1;
    bool has_header = false;

    ~State() {
        if (has_header) av_write_trailer(file);
        if (file != nullptr) {
            avio_closep(&file->pb);
            avformat_free_context(file);
        }
        av_packet_free(&packet);
    }
};

VideoRecording::VideoRecording(std::unique_ptr<State> state) : state_(std::move(state)) {}
VideoRecording::~VideoRecording() = default;
VideoRecording::VideoRecording(VideoRecording&&) noexcept = default;
VideoRecording& VideoRecording::operator=(VideoRecording&&) noexcept = default;

proto::Codec VideoRecording::codec() const { return state_->codec; }

Result<VideoRecording> VideoRecording::open(const std::string& path, const ReceivedVideo& first, int width,
                                            int height) {
    av_log_set_level(AV_LOG_QUIET);
    auto state = std::make_unique<State>();
    state->path = path;
    state->codec = first.codec;
    if (avformat_alloc_output_context2(&state->file, nullptr, "matroska", path.c_str()) < 0)
        return failed(path);
    AVStream* stream = avformat_new_stream(state->file, nullptr);
    if (stream == nullptr || avio_open(&state->file->pb, path.c_str(), AVIO_FLAG_WRITE) < 0)
        return failed(path);
    const Size size = size_of(first, {width, height});
    AVCodecParameters& parameters = *stream->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_VIDEO;
    parameters.codec_id = codec_id(first.codec);
    parameters.width = size.width;
    parameters.height = size.height;
    if (first.codec == proto::H264) {  // its parameter sets; the muxer takes them from a whole key frame
        const std::size_t room = first.data.size() + AV_INPUT_BUFFER_PADDING_SIZE;
        parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(room));
        if (parameters.extradata == nullptr) return failed(path);
        std::copy(first.data.begin(), first.data.end(), parameters.extradata);
        parameters.extradata_size = static_cast<int>(first.data.size());
    }
    stream->time_base = kRtpClock;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "cluster_time_limit", kClusterLimit, 0);
    const int written = avformat_write_header(state->file, &options);
    av_dict_free(&options);
    if (written < 0) return failed(path);
    state->has_header = true;
    state->first = state->timestamp.unwrap(first.timestamp);
    VideoRecording recording(std::move(state));
    if (const auto done = recording.write(first); !done) return done.error();
    return recording;
}

Result<void> VideoRecording::write(const ReceivedVideo& frame) {
    State& state = *state_;
    AVPacket& packet = *state.packet;
    if (av_new_packet(&packet, static_cast<int>(frame.data.size())) < 0) return failed(state.path);
    std::copy(frame.data.begin(), frame.data.end(), packet.data);
    const std::int64_t time = av_rescale_q(state.timestamp.unwrap(frame.timestamp) - state.first, kRtpClock,
                                           state.file->streams[0]->time_base);
    state.newest = std::max(state.newest + 1, time);  // a file's times only rise
    packet.pts = packet.dts = state.newest;
    packet.flags = frame.is_key_frame ? AV_PKT_FLAG_KEY : 0;
    const int written = av_write_frame(state.file, &packet);
    av_packet_unref(&packet);
    if (written < 0) return failed(state.path);
    return {};
}

}  // namespace connectsphere::client
