// VP8 through libvpx, in real time. Lost frames stay lost: after one, the next that is shown must be a key
// frame, which is asked for.
#pragma once

#include <memory>

#include "lib/base/result.hpp"
#include "lib/media/image.hpp"
#include "lib/media/video_codec.hpp"

namespace connectsphere::media {

class Vp8Encoder {
  public:
    static Result<Vp8Encoder> make(const VideoEncoderConfig& config);
    ~Vp8Encoder();
    Vp8Encoder(Vp8Encoder&&) noexcept;
    Vp8Encoder& operator=(Vp8Encoder&&) noexcept;

    // I420 of the configured size. With temporal layers the order is 0 2 1 2; a key frame begins it anew.
    Result<EncodedPicture> encode(const Image& image, bool key_frame);

  private:
    struct State;
    explicit Vp8Encoder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class Vp8Decoder {
  public:
    Vp8Decoder();
    ~Vp8Decoder();
    Vp8Decoder(Vp8Decoder&&) noexcept;
    Vp8Decoder& operator=(Vp8Decoder&&) noexcept;

    // `out` is I420; a picture larger than kMaxVideoSide is refused before it is decoded.
    Result<void> decode(Bytes frame, Image& out);

    static constexpr int kMaxVideoSide = 4096;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace connectsphere::media
