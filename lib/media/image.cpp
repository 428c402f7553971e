#include "lib/media/image.hpp"

#include <algorithm>

namespace connectsphere::media {
namespace {

std::size_t area(int width, int height) {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

std::size_t image_bytes(PixelFormat format, int width, int height) {
    if (format == PixelFormat::bgr) return 3 * area(width, height);
    return area(width, height) + 2 * area((width + 1) / 2, (height + 1) / 2);
}

// `unit` bytes make one column: 3 in BGR.
void pad_plane(Bytes in, Plane from, MutableBytes out, Plane to, int unit) {
    for (int y = 0; y < to.height; ++y) {
        const auto row = in.subspan(from.offset + area(from.width, std::min(y, from.height - 1)),
                                    static_cast<std::size_t>(from.width));
        const auto target = out.subspan(to.offset + area(to.width, y), static_cast<std::size_t>(to.width));
        std::copy(row.begin(), row.end(), target.begin());
        for (std::size_t x = row.size(); x < target.size(); ++x) {
            target[x] = target[x - static_cast<std::size_t>(unit)];
        }
    }
}

}  // namespace

Image make_image(PixelFormat format, int width, int height) {
    return {format, width, height, Buffer(image_bytes(format, width, height))};
}

void resize(Image& image, PixelFormat format, int width, int height) {
    image.format = format;
    image.width = width;
    image.height = height;
    image.pixels.resize(image_bytes(format, width, height));
}

Plane plane(const Image& image, int index) {
    if (image.format == PixelFormat::bgr) return {0, 3 * image.width, image.height};
    if (index == 0) return {0, image.width, image.height};
    const int width = (image.width + 1) / 2;
    const int height = (image.height + 1) / 2;
    return {area(image.width, image.height) + (index == 2 ? area(width, height) : 0), width, height};
}

void pad_to_multiple(const Image& image, int multiple, Image& out) {
    const auto up = [multiple](int side) { return (side + multiple - 1) / multiple * multiple; };
    resize(out, image.format, up(image.width), up(image.height));
    for (int i = 0; i < plane_count(image.format); ++i) {
        pad_plane(image.pixels, plane(image, i), out.pixels, plane(out, i),
                  image.format == PixelFormat::bgr ? 3 : 1);
    }
}

}  // namespace connectsphere::media
