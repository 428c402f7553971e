#include "lib/media/picture_tools.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace connectsphere::media {

namespace {

std::size_t at(const Plane& p, int x, int y) {
    return p.offset + static_cast<std::size_t>(y) * static_cast<std::size_t>(p.width) +
           static_cast<std::size_t>(x);
}

struct Bgr {
    int blue = 0, green = 0, red = 0;
};

Bgr pixel(const Image& image, int x, int y) {
    const std::size_t i = at(plane(image, 0), 3 * x, y);
    return {image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]};
}

// BT.601 in 8 bits of fraction.
std::uint8_t luma(const Bgr& p) {
    return static_cast<std::uint8_t>(((66 * p.red + 129 * p.green + 25 * p.blue + 128) >> 8) + 16);
}
std::uint8_t blue_difference(const Bgr& p) {
    return static_cast<std::uint8_t>(((-38 * p.red - 74 * p.green + 112 * p.blue + 128) >> 8) + 128);
}
std::uint8_t red_difference(const Bgr& p) {
    return static_cast<std::uint8_t>(((112 * p.red - 94 * p.green - 18 * p.blue + 128) >> 8) + 128);
}

}  // namespace

void to_i420(const Image& image, Image& out) {
    if (image.format == PixelFormat::i420) {
        out = image;
        return;
    }
    resize(out, PixelFormat::i420, image.width, image.height);
    const Plane y_plane = plane(out, 0), u_plane = plane(out, 1), v_plane = plane(out, 2);
    for (int y = 0; y + 1 < image.height; y += 2) {
        for (int x = 0; x + 1 < image.width; x += 2) {
            Bgr sum;
            for (int dy = 0; dy < 2; ++dy) {
                for (int dx = 0; dx < 2; ++dx) {
                    const Bgr p = pixel(image, x + dx, y + dy);
                    out.pixels[at(y_plane, x + dx, y + dy)] = luma(p);
                    sum = {sum.blue + p.blue, sum.green + p.green, sum.red + p.red};
                }
            }
            const Bgr mean{(sum.blue + 2) / 4, (sum.green + 2) / 4, (sum.red + 2) / 4};
            out.pixels[at(u_plane, x / 2, y / 2)] = blue_difference(mean);
            out.pixels[at(v_plane, x / 2, y / 2)] = red_difference(mean);
        }
    }
}

void halve(const Image& image, Image& out) {
    resize(out, PixelFormat::i420, image.width / 2, image.height / 2);
    for (int i = 0; i < plane_count(image.format); ++i) {
        const Plane from = plane(image, i);
        const Plane to = plane(out, i);
        for (int y = 0; y < to.height; ++y) {
            const auto* above = &image.pixels[at(from, 0, 2 * y)];
            const auto* below = above + from.width;
            auto* target = &out.pixels[at(to, 0, y)];
            for (int x = 0; x < to.width; ++x) {
                target[x] = static_cast<std::uint8_t>(
                    (above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 2) / 4);
            }
        }
    }
}

double psnr(const Image& a, const Image& b) {
    if (a.width != b.width || a.height != b.height || a.format != PixelFormat::i420 ||
        b.format != PixelFormat::i420) {
        return 0;
    }
    const Plane p = plane(a, 0);
    const auto count = static_cast<std::size_t>(p.width) * static_cast<std::size_t>(p.height);
    double squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double difference = a.pixels[i] - b.pixels[i];
        squares += difference * difference;
    }
    if (squares == 0) return 99;
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(count) / squares);
}

namespace {

// `low` becomes 0, `low` + `steps` becomes 255.
constexpr std::array<std::uint8_t, 256> stretched(int low, int steps) {
    std::array<std::uint8_t, 256> out{};
    for (int i = 0; i < 256; ++i) {
        const int value = ((i - low) * 255 + (i < low ? 0 : steps / 2)) / steps;
        out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value < 0     ? 0
                                                                     : value > 255 ? 255
                                                                                   : value);
    }
    return out;
}

}  // namespace

void to_full_range(Image& image) {
    static constexpr auto kLuma = stretched(16, 219);
    static constexpr auto kChroma = stretched(16, 224);
    const auto luma = image.pixels.begin() + static_cast<std::ptrdiff_t>(plane(image, 1).offset);
    std::transform(image.pixels.begin(), luma, image.pixels.begin(), [](std::uint8_t p) { return kLuma[p]; });
    std::transform(luma, image.pixels.end(), luma, [](std::uint8_t p) { return kChroma[p]; });
}

}  // namespace connectsphere::media
