#include "lib/wire/ntp.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

WallTime at(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

}  // namespace

TEST_CASE("NTP counts from 1900 in fractions of 2^32") {
    CHECK(to_ntp(at(0)) == std::uint64_t{2'208'988'800} << 32);
    CHECK(to_ntp(at(1'500'000)) == (std::uint64_t{2'208'988'801} << 32 | 0x8000'0000));
    CHECK(to_ntp(at(-500'000)) == (std::uint64_t{2'208'988'799} << 32 | 0x8000'0000));
}

TEST_CASE("every microsecond survives the way to NTP and back") {
    for (std::int64_t micros = 1'700'000'000'000'000; micros < 1'700'000'001'000'000; micros += 997) {
        REQUIRE(from_ntp(to_ntp(at(micros))) == at(micros));
    }
    CHECK(from_ntp(to_ntp(at(1'700'000'000'999'999))) == at(1'700'000'000'999'999));
}

TEST_CASE("the middle of NTP gives round trips") {
    const std::uint32_t sent = ntp_middle(to_ntp(at(1'700'000'000'000'000)));
    const std::uint32_t now = ntp_middle(to_ntp(at(1'700'000'000'250'000)));
    const Duration round_trip = from_ntp_short(now - sent - to_ntp_short(200ms));
    CHECK(round_trip > 49ms);
    CHECK(round_trip < 51ms);
}

TEST_CASE("short times are clamped to what they can say") {
    CHECK(to_ntp_short(-1s) == 0);
    CHECK(to_ntp_short(1s) == 65'536);
    CHECK(to_ntp_short(std::chrono::hours(100)) == to_ntp_short(std::chrono::hours(18)));
    CHECK(from_ntp_short(32'768) == 500ms);
}
