// Randomness that is the same in every run (xorshift64*), so that a failing test fails again.
#pragma once

#include <cstdint>
#include <functional>

#include "lib/base/bytes.hpp"

namespace connectsphere::test {

inline std::function<void(MutableBytes)> seeded_entropy(std::uint64_t seed) {
    return [state = seed | 1](MutableBytes out) mutable {
        for (auto& byte : out) {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            byte = static_cast<std::uint8_t>((state * 0x2545'F491'4F6C'DD1DULL) >> 56);
        }
    };
}

}  // namespace connectsphere::test
