// JPEG as RTP carries it (RFC 2435): baseline, the standard Huffman tables, 4:2:0, sides that are multiples
// of 8 and at most 2,040. An encoder and a decoder keep their memory, so that frames of one size allocate
// once.
#pragma once

#include <memory>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/media/image.hpp"

namespace connectsphere::media {

constexpr int kMaxJpegSide = 2'040;

class JpegEncoder {
  public:
    JpegEncoder();

    // `quality` 1 to 100. The picture may be larger than the image by up to 7 columns and rows. The bytes
    // hold until the next call.
    Result<Bytes> encode(const Image& image, int quality);

  private:
    std::unique_ptr<void, void (*)(void*)> handle_;
    Image padded_;
    Buffer out_;
};

class JpegDecoder {
  public:
    JpegDecoder();

    // Any damage is an error: half a picture is not shown. I420 takes 4:2:0 and 4:2:2, BGR any sampling.
    Result<void> decode(Bytes jpeg, PixelFormat format, Image& out);

  private:
    Result<void> try_decode(Bytes jpeg, PixelFormat format, Image& out);
    Result<void> decode_i420(Bytes jpeg, int subsampling, Image& out);

    std::unique_ptr<void, void (*)(void*)> handle_;
    Buffer chroma_;  // of a 4:2:2 picture, before it is halved
};

}  // namespace connectsphere::media
