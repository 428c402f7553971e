// Pictures on their way from a camera to an encoder, and judged after the way back.
#pragma once

#include "lib/media/image.hpp"

namespace connectsphere::media {

// BGR to I420 (ITU-R BT.601, limited range, as cameras and JPEG decoders mean it); I420 is copied. The sides
// must be even.
void to_i420(const Image& image, Image& out);

// Half of each side, each pixel the mean of four. I420, with sides that are multiples of 4.
void halve(const Image& image, Image& out);

// How like two pictures are, in dB of the luma plane: 99 when they are the same, 0 when sizes differ.
double psnr(const Image& a, const Image& b);

// I420 as video codecs have it (ITU-R BT.601: luma 16 to 235) to I420 as JPEG has it (JFIF: 0 to 255), in
// place.
void to_full_range(Image& image);

}  // namespace connectsphere::media
