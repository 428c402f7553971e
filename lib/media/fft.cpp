#include "lib/media/fft.hpp"

#include <bit>
#include <cassert>
#include <numbers>
#include <utility>

namespace connectsphere::media {
namespace {

// Puts value i where its mirrored index points, which is the order in which the butterflies want them.
void reverse_bits(Spectrum& values) {
    for (std::size_t i = 0, mirrored = 0; i < values.size(); ++i) {
        if (i < mirrored) std::swap(values[i], values[mirrored]);
        std::size_t bit = values.size() >> 1;
        for (; bit != 0 && (mirrored & bit) != 0; bit >>= 1) mirrored ^= bit;
        mirrored |= bit;
    }
}

}  // namespace

void fft(Spectrum& values, FftDirection direction) {
    assert(std::has_single_bit(values.size()));
    reverse_bits(values);
    const double turn = (direction == FftDirection::forward ? -2 : 2) * std::numbers::pi;
    std::vector<std::complex<float>> twiddles(values.size() / 2);
    for (std::size_t i = 0; i < twiddles.size(); ++i) {
        const auto angle = turn * static_cast<double>(i) / static_cast<double>(values.size());
        twiddles[i] = std::complex<float>(std::polar(1.0, angle));
    }
    for (std::size_t half = 1; half < values.size(); half *= 2) {
        const std::size_t stride = values.size() / (2 * half);
        for (std::size_t begin = 0; begin < values.size(); begin += 2 * half) {
            for (std::size_t i = 0; i < half; ++i) {
                const auto even = values[begin + i];
                const auto odd = values[begin + half + i] * twiddles[i * stride];
                values[begin + i] = even + odd;
                values[begin + half + i] = even - odd;
            }
        }
    }
    if (direction == FftDirection::forward) return;
    for (auto& value : values) value /= static_cast<float>(values.size());
}

}  // namespace connectsphere::media
