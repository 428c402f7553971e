// A picture as a value: BGR as cameras and windows have it, or I420 (planes of Y, U and V, the colours at
// half size) as video codecs do.
#pragma once

#include <cstddef>

#include "lib/base/bytes.hpp"

namespace connectsphere::media {

enum class PixelFormat { bgr, i420 };

struct Image {
    PixelFormat format = PixelFormat::i420;
    int width = 0;
    int height = 0;
    Buffer pixels;  // rows without padding

    bool operator==(const Image&) const = default;
};

Image make_image(PixelFormat format, int width, int height);  // black in BGR, green in I420: all zeros
void resize(Image& image, PixelFormat format, int width, int height);  // allocates only to grow

// One rectangle of bytes: the pixels of a BGR image (width in bytes), or a plane of an I420 one.
struct Plane {
    std::size_t offset;
    int width;
    int height;
};
constexpr int plane_count(PixelFormat format) { return format == PixelFormat::bgr ? 1 : 3; }
Plane plane(const Image& image, int index);

// The image continued to sides that are multiples of `multiple`, by repeating its last column and row.
void pad_to_multiple(const Image& image, int multiple, Image& out);

}  // namespace connectsphere::media
