// VideoDecoder: one received stream, from packets to pictures, whatever it is coded in. Packets of a stream
// may change from one codec to another; each has its assembler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/media/image.hpp"
#include "lib/wire/jpeg_assembler.hpp"
#include "lib/wire/picture_assembler.hpp"
#include "proto/media.pb.h"

namespace connectsphere::client {

// One whole frame as it was coded. JPEG is a file, VP8 a frame, H.264 an access unit in the byte-stream
// format.
struct ReceivedVideo {
    proto::Codec codec = proto::JPEG;
    std::uint32_t timestamp = 0;  // 90 kHz
    bool is_key_frame = true;
    Bytes data{};
};

class VideoReceiver {
  public:
    struct Stats {
        std::uint64_t frames = 0;      // came out
        std::uint64_t incomplete = 0;  // given up, or useless without what was given up
        std::uint64_t corrupt = 0;
        std::uint64_t late = 0;  // packets

        Stats& operator+=(const Stats& other);
    };
    using OnFrame = std::function<void(const ReceivedVideo&)>;

    // Calls on_frame for each frame that this packet completed, in order.
    void push(const wire::RtpHeader& header, Bytes payload, const OnFrame& on_frame);
    bool needs_key_frame() const;  // nothing more can be shown before one
    Stats stats() const;

  private:
    std::optional<wire::JpegAssembler> jpeg_;
    std::optional<wire::Vp8Assembler> vp8_;
    std::optional<wire::H264Assembler> h264_;
    std::uint8_t newest_type_ = 0;
    Buffer file_;
};

// Decodes to I420. An error: the frame is damaged, or needs one that was. What follows is refused too, until
// a key frame comes: a damaged picture is never shown.
class VideoDecoder {
  public:
    VideoDecoder();
    ~VideoDecoder();
    VideoDecoder(VideoDecoder&&) noexcept;
    VideoDecoder& operator=(VideoDecoder&&) noexcept;

    Result<void> decode(const ReceivedVideo& frame, media::Image& out);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace connectsphere::client
