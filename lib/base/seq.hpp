// Sequence numbers and timestamps that wrap, unwrapped to 64 bits as early as possible: no 16-bit comparison
// ever reaches the logic (RFC 3550 appendix A.1; RFC 1982 for the arithmetic).
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

namespace connectsphere {

// Unwraps a counter of `Narrow` bits. Each value is taken to be the one nearest to the highest seen so far,
// so reordering is harmless up to half the range. The first value maps to itself plus one full cycle, so that
// a packet from just before it stays positive.
template <class Narrow>
class Unwrapper {
  public:
    std::int64_t unwrap(Narrow value) {
        const std::int64_t unwrapped = peek(value);
        if (!highest_ || unwrapped > *highest_) highest_ = unwrapped;
        return unwrapped;
    }

    // The same without remembering: for packets that are not yet authenticated.
    std::int64_t peek(Narrow value) const {
        if (!highest_) return static_cast<std::int64_t>(value) + kCycle;
        const auto step = static_cast<std::make_signed_t<Narrow>>(
            static_cast<Narrow>(value - static_cast<Narrow>(*highest_)));
        return *highest_ + step;
    }

    std::optional<std::int64_t> highest() const { return highest_; }

  private:
    static constexpr std::int64_t kCycle = std::int64_t{1} << (8 * sizeof(Narrow));

    std::optional<std::int64_t> highest_;
};

using SeqUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

}  // namespace connectsphere
