// Time as RTCP has it: NTP timestamps of 32.32 seconds since 1900 (RFC 3550 section 4), and their middle 32
// bits, 16.16 seconds, for the round trip:
//
//   round trip = ntp_middle(now) - LSR - DLSR, all in 1/65536 s, modulo 2^32 (section 6.4.1)
#pragma once

#include <cstdint>

#include "lib/base/time.hpp"

namespace connectsphere::wire {

constexpr std::int64_t kNtpToUnix = 2'208'988'800;  // seconds from 1900 to 1970

constexpr std::uint64_t to_ntp(WallTime time) {
    const std::int64_t since_epoch = time.time_since_epoch().count();
    // Rounded down also before 1970, so that the fraction is never negative.
    const std::int64_t whole = since_epoch / 1'000'000 - (since_epoch % 1'000'000 < 0 ? 1 : 0);
    const auto micros = static_cast<std::uint64_t>(since_epoch - whole * 1'000'000);
    // Rounded up, so that the way back, which rounds down, gives the same microsecond.
    const std::uint64_t fraction = ((micros << 32) + 999'999) / 1'000'000;
    return static_cast<std::uint64_t>(whole + kNtpToUnix) << 32 | fraction;
}

constexpr WallTime from_ntp(std::uint64_t ntp) {
    const auto whole = static_cast<std::int64_t>(ntp >> 32) - kNtpToUnix;
    const auto micros = static_cast<std::int64_t>((ntp & 0xFFFF'FFFF) * 1'000'000 >> 32);
    return WallTime(std::chrono::microseconds(whole * 1'000'000 + micros));
}

constexpr std::uint32_t ntp_middle(std::uint64_t ntp) { return static_cast<std::uint32_t>(ntp >> 16); }

// Durations in 1/65536 s, as DLSR has them; at most 18 hours, negative ones count as none.
constexpr std::uint32_t to_ntp_short(Duration duration) {
    constexpr Duration kMost = std::chrono::hours(18);
    if (duration < Duration::zero()) return 0;
    const Duration clamped = duration < kMost ? duration : kMost;
    return static_cast<std::uint32_t>(clamped.count() / 1000 * 65'536 / 1'000'000);
}

constexpr Duration from_ntp_short(std::uint32_t value) {
    return Duration(static_cast<std::int64_t>(value) * 1'000'000'000 / 65'536);
}

}  // namespace connectsphere::wire
