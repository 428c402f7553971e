// A moving test picture that says which frame of which sender it is, in blocks of black and white that
// survive any codec. Who receives it can prove order and completeness.
//
//     +--------------------------+
//     |  8 x 8 blocks: 64 bits   |   tag 16, frame 32, check sum 16, most significant bit first
//     |--------------------------|
//     |  a slope of grey and     |   moves by 4 pixels a frame
//     |  colour                  |
//     +--------------------------+
#pragma once

#include <cstdint>
#include <optional>

#include "lib/media/image.hpp"

namespace connectsphere::media {

struct PatternMark {
    std::uint16_t tag;    // the sender
    std::uint32_t frame;  // counts from 0

    bool operator==(const PatternMark&) const = default;
};

constexpr int kMinPatternWidth = 64;
constexpr int kMinPatternHeight = 128;

Image test_pattern(const PatternMark& mark, int width, int height);  // I420, not below the minimum
std::optional<PatternMark> read_pattern(const Image& image);         // any format, also scaled

}  // namespace connectsphere::media
