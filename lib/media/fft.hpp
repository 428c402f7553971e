// The fast Fourier transform, radix 2, in place: small and plain, for tests and demonstrations.
#pragma once

#include <complex>
#include <vector>

namespace connectsphere::media {

using Spectrum = std::vector<std::complex<float>>;

enum class FftDirection { forward, inverse };  // the inverse divides by the size

// The size is a power of two.
void fft(Spectrum& values, FftDirection direction = FftDirection::forward);

}  // namespace connectsphere::media
