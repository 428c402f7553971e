#include "lib/media/pattern.hpp"

#include <algorithm>
#include <cassert>

namespace connectsphere::media {
namespace {

constexpr int kGrid = 8;
constexpr std::uint8_t kBlack = 16;
constexpr std::uint8_t kWhite = 235;

std::uint16_t check_sum(const PatternMark& mark) {
    // Multiplicative hashing: neighbouring frames differ in many bits.
    const std::uint64_t value = std::uint64_t{mark.tag} << 32 | mark.frame;
    return static_cast<std::uint16_t>((value + 1) * 0x9E37'79B9'7F4A'7C15U >> 48);
}

std::uint64_t to_bits(const PatternMark& mark) {
    return std::uint64_t{mark.tag} << 48 | std::uint64_t{mark.frame} << 16 | check_sum(mark);
}

bool bit_at(std::uint64_t bits, int column, int row) {
    return (bits >> (63 - row * kGrid - column) & 1U) != 0;
}

int luma(const Image& image, int x, int y) {
    const Plane p = plane(image, 0);
    const bool bgr = image.format == PixelFormat::bgr;
    // Green is most of the light, and black and white have it in equal parts.
    const int column = bgr ? 3 * x + 1 : x;
    return image.pixels[static_cast<std::size_t>(y * p.width + column)];
}

// The middle of the block, a quarter of its side in each direction.
int mean_of_block(const Image& image, int column, int row) {
    const int block_width = image.width / kGrid;
    const int block_height = image.height / 2 / kGrid;
    const int x0 = (2 * column + 1) * image.width / (2 * kGrid);
    const int y0 = (2 * row + 1) * image.height / (4 * kGrid);
    int sum = 0;
    int count = 0;
    for (int y = y0 - block_height / 4; y <= y0 + block_height / 4; ++y) {
        for (int x = x0 - block_width / 4; x <= x0 + block_width / 4; ++x, ++count) sum += luma(image, x, y);
    }
    return sum / count;
}

}  // namespace

Image test_pattern(const PatternMark& mark, int width, int height) {
    assert(width >= kMinPatternWidth && height >= kMinPatternHeight);
    Image image = make_image(PixelFormat::i420, width, height);
    const std::uint64_t bits = to_bits(mark);
    auto out = image.pixels.begin();
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const int row = y * 2 * kGrid / height;
            const bool white = row < kGrid && bit_at(bits, x * kGrid / width, row);
            const auto slope = static_cast<std::uint8_t>((x + y) / 2 + static_cast<int>(mark.frame % 64) * 4);
            *out++ = row < kGrid ? (white ? kWhite : kBlack) : slope;
        }
    }
    for (int i = 1; i < plane_count(image.format); ++i) {
        const Plane p = plane(image, i);
        for (int y = 0; y < p.height; ++y) {
            const int shade = 2 * y < p.height ? 128 : 96 + 64 * (y - p.height / 2) / p.height * i;
            out = std::fill_n(out, p.width, static_cast<std::uint8_t>(shade));
        }
    }
    return image;
}

std::optional<PatternMark> read_pattern(const Image& image) {
    if (image.width < 4 * kGrid || image.height < 8 * kGrid) return std::nullopt;
    std::uint64_t bits = 0;
    for (int row = 0; row < kGrid; ++row) {
        for (int column = 0; column < kGrid; ++column) {
            bits = bits << 1 | (mean_of_block(image, column, row) > 128 ? 1U : 0U);
        }
    }
    const PatternMark mark{static_cast<std::uint16_t>(bits >> 48), static_cast<std::uint32_t>(bits >> 16)};
    if (to_bits(mark) != bits) return std::nullopt;
    return mark;
}

}  // namespace connectsphere::media
