// What the video codecs of this folder have in common.
#pragma once

#include <cstdint>

#include "lib/base/bytes.hpp"

namespace connectsphere::media {

struct VideoEncoderConfig {
    int width = 0;  // pixels, even
    int height = 0;
    double frame_rate = 0;    // frames a second
    int bits_per_second = 0;  // target
    // Three temporal layers: half of the frames, or three of four, can be left out. Else one.
    bool temporal_layers = true;
};

struct EncodedPicture {
    Bytes data;  // valid until the next call
    bool is_key_frame = false;
    std::uint8_t temporal_layer = 0;
    bool layer_sync = false;     // of its layer's frames, it needs only those of layer 0
    bool non_reference = false;  // no other frame needs it
};

// About what a picture of this size needs to look well.
constexpr int usual_bitrate(int width, int height, double frame_rate) {
    return static_cast<int>(width * height * (frame_rate < 10 ? 10 : frame_rate) * 0.11);
}

}  // namespace connectsphere::media
