// Changes the sample rate of a whole recording (speexdsp, quality 5).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/result.hpp"

namespace connectsphere::media {

Result<std::vector<std::int16_t>> resample(std::span<const std::int16_t> samples, int from_rate, int to_rate);

}  // namespace connectsphere::media
