// A codec without pictures: each frame says what it needs, and a decoder that is given one without what it
// needs shows a damaged picture, as VP8's would. It has VP8's two references that matter here.
//
//   0 key, 1 inter | frame | last it needs | golden it needs | what it becomes | filling …
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/bytes.hpp"

namespace connectsphere::test {

constexpr std::uint32_t kNoReference = 0xFFFF'FFFF;

// Three temporal layers as lib/media/vp8_codec makes them: 0 2 1 2.
struct ChainFrame {
    std::uint8_t temporal_layer = 0;
    bool layer_sync = false;
};

class ChainEncoder {
  public:
    // Fills `frame`, of at least kChainHeader bytes; what is behind the header is `filling`.
    ChainFrame encode(MutableBytes frame, bool key_frame, std::uint8_t filling);

  private:
    std::uint32_t next_ = 0;
    std::uint32_t last_ = 0, golden_ = 0;
    std::size_t slot_ = 0;
};

class ChainDecoder {
  public:
    bool decode(Bytes frame);  // false: the picture is damaged

  private:
    std::uint32_t last_ = kNoReference, golden_ = kNoReference;
};

constexpr std::size_t kChainHeader = 14;

}  // namespace connectsphere::test
