// Which of the newest packet indices have been seen (RFC 3711 section 3.3.2): one bit for each of the last
// 1,024, in a ring. What is older counts as seen.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace connectsphere::wire {

class ReplayWindow {
  public:
    static constexpr std::uint64_t kSize = 1024;

    bool is_fresh(std::uint64_t index) const {
        if (index >= next_) return true;
        return next_ - index <= kSize && (seen_[slot(index)] & bit(index)) == 0;
    }

    // Only for an index whose packet verified: a forged one would push good ones out.
    void mark(std::uint64_t index) {
        if (index >= next_) {
            const std::uint64_t steps = std::min(index + 1 - next_, kSize);
            for (std::uint64_t i = index + 1 - steps; i <= index; ++i) seen_[slot(i)] &= ~bit(i);
            next_ = index + 1;
        }
        seen_[slot(index)] |= bit(index);
    }

  private:
    static std::size_t slot(std::uint64_t index) { return index % kSize / 64; }
    static std::uint64_t bit(std::uint64_t index) { return std::uint64_t{1} << (index % 64); }

    std::uint64_t next_ = 0;  // one after the highest index seen
    std::array<std::uint64_t, kSize / 64> seen_{};
};

}  // namespace connectsphere::wire
