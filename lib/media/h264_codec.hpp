// H.264 (constrained baseline) through openh264: for weak processors and for tools that know nothing newer.
#pragma once

#include <memory>

#include "lib/base/result.hpp"
#include "lib/media/image.hpp"
#include "lib/media/video_codec.hpp"

namespace connectsphere::media {

class H264Encoder {
  public:
    static Result<H264Encoder> make(const VideoEncoderConfig& config);
    ~H264Encoder();
    H264Encoder(H264Encoder&&) noexcept;
    H264Encoder& operator=(H264Encoder&&) noexcept;

    // I420 of the configured size; the access unit comes in the byte-stream format, parameter sets in front
    // of a key frame.
    Result<EncodedPicture> encode(const Image& image, bool key_frame);

  private:
    struct State;
    explicit H264Encoder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class H264Decoder {
  public:
    H264Decoder();
    ~H264Decoder();
    H264Decoder(H264Decoder&&) noexcept;
    H264Decoder& operator=(H264Decoder&&) noexcept;

    // `out` is I420. An access unit without a picture (parameter sets alone) is an error: unavailable.
    Result<void> decode(Bytes access_unit, Image& out);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace connectsphere::media
