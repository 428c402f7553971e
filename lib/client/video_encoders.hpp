// VideoEncoders: makes the encodings of one picture: JPEG for everybody, VP8 in up to three sizes, or H.264.
// Only what somebody needs is encoded; an encoding that is needed anew begins with a key frame.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/time.hpp"
#include "lib/client/devices.hpp"
#include "lib/media/image.hpp"
#include "proto/media.pb.h"

namespace connectsphere::client {

enum class VideoCodecChoice { automatic, jpeg, vp8, h264 };

struct VideoEncoding {
    proto::Codec codec = proto::JPEG;
    int width = 0;
    int height = 0;
    double frame_rate = 0;
};

// What to send of a source: automatic is VP8, whole, halved and quartered as far as that is sensible, and
// JPEG.
std::vector<VideoEncoding> plan_encodings(VideoCodecChoice choice, const VideoSource::Format& format);

// The plan as it is published: the one video stream of a client.
proto::Stream describe_stream(VideoCodecChoice choice, const VideoSource::Format& format);

// One picture in one encoding.
struct EncodedVideo {
    std::size_t encoding = 0;  // its place in the plan
    Buffer data;
    bool is_key_frame = true;
    std::uint8_t temporal_layer = 0;
    bool layer_sync = false;
    bool non_reference = false;
};

using EncodingMask = std::uint32_t;  // bit i: the encoding at place i

class VideoEncoders {
  public:
    VideoEncoders(std::vector<VideoEncoding> plan, int jpeg_quality);
    ~VideoEncoders();
    VideoEncoders(VideoEncoders&&) noexcept;

    // The picture has the plan's largest size. What can not be encoded is left out.
    std::vector<EncodedVideo> encode(const media::Image& picture, EncodingMask wanted,
                                     EncodingMask key_frames);

  private:
    class Encoder;
    std::vector<VideoEncoding> plan_;
    std::vector<std::unique_ptr<Encoder>> encoders_;
    EncodingMask active_ = 0;
    std::vector<media::Image> sizes_;  // I420: whole, halved, quartered; made when needed
};

}  // namespace connectsphere::client
