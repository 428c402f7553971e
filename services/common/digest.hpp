// SHA-256 of what must be compared without being kept: tokens and tickets are stored as their hash.
#pragma once

#include <array>

#include "lib/base/bytes.hpp"

namespace connectsphere {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(Bytes bytes);

}  // namespace connectsphere
