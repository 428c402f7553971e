#include "services/video-relay/forwarding.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::relay;

namespace {

constexpr std::int64_t kCycle = 1 << 16;

SourcePacket packet(std::int64_t seq, std::uint32_t timestamp = 0, std::uint64_t generation = 1,
                    Time at = {}) {
    return {.generation = generation, .seq = seq, .timestamp = timestamp, .received_at = at};
}

std::uint16_t seq_of(Forwarding& forwarding, const SourcePacket& in) {
    const auto out = forwarding.rewrite(in);
    REQUIRE(out);
    return out->seq;
}

}  // namespace

TEST_CASE("a forwarding begins below 2^15, wherever its sender is") {
    for (const std::int64_t first : {kCycle + 5, kCycle + 0x8000, kCycle + 0xfffe, 7 * kCycle + 0x9000}) {
        Forwarding forwarding;
        const auto out = forwarding.rewrite(packet(first, 1234));
        REQUIRE(out);
        CHECK(out->seq < 0x8000);
        CHECK(out->timestamp == 1234);
        CHECK_FALSE(out->is_late);
        CHECK(seq_of(forwarding, packet(first + 1)) == out->seq + 1);
    }
}

TEST_CASE("a loss before the relay stays a loss, so that receivers can report and ask") {
    Forwarding forwarding;
    CHECK(seq_of(forwarding, packet(kCycle + 100)) == 100);
    CHECK(seq_of(forwarding, packet(kCycle + 105)) == 105);
}

TEST_CASE("an overtaken packet keeps its own number and is marked late") {
    Forwarding forwarding;
    (void)forwarding.rewrite(packet(kCycle + 100));
    const auto late = forwarding.rewrite(packet(kCycle + 99));
    REQUIRE(late);
    CHECK(late->is_late);
    CHECK(late->seq == 99);
}

TEST_CASE("a new generation goes on behind the last number and as much later as time has passed") {
    Forwarding forwarding;
    (void)forwarding.rewrite(packet(kCycle + 100, 9'000, 1, Time{} + 1s));
    const auto next = forwarding.rewrite(packet(kCycle + 20'000, 777, 2, Time{} + 3s));
    REQUIRE(next);
    CHECK(next->seq == 101);
    CHECK(next->timestamp == 9'000 + 2 * kVideoClockRate);
    const auto following = forwarding.rewrite(packet(kCycle + 20'001, 777 + 6000, 2, Time{} + 4s));
    REQUIRE(following);
    CHECK(following->timestamp == next->timestamp + 6000);
    // From before the seam: its number belongs to the earlier generation.
    CHECK_FALSE(forwarding.rewrite(packet(kCycle + 19'999, 700, 2, Time{} + 4s)));
}

TEST_CASE("no two frames share a timestamp across a seam") {
    Forwarding forwarding;
    (void)forwarding.rewrite(packet(kCycle + 1, 500, 1, Time{} + 1s));
    const auto next = forwarding.rewrite(packet(kCycle + 1, 500, 2, Time{} + 1s));
    REQUIRE(next);
    CHECK(next->timestamp == 500 + kVideoClockRate / 1000);
}

TEST_CASE("a gap too wide for SRTP's guess is closed, and the clock goes on") {
    Forwarding forwarding;
    (void)forwarding.rewrite(packet(kCycle + 100, 1000));
    const auto after = forwarding.rewrite(packet(kCycle + 100 + 50'000, 90'000));
    REQUIRE(after);
    CHECK(after->seq == 101);
    CHECK(after->timestamp == 90'000);
}

TEST_CASE("a sender report's time is rewritten like its packets', or not at all") {
    Forwarding forwarding;
    CHECK_FALSE(forwarding.rewrite_timestamp(1, 100));
    (void)forwarding.rewrite(packet(kCycle + 1, 1000, 1, Time{} + 1s));
    CHECK(forwarding.rewrite_timestamp(1, 4000) == 4000u);
    (void)forwarding.rewrite(packet(kCycle + 1, 50, 2, Time{} + 2s));
    CHECK(forwarding.rewrite_timestamp(2, 50) == 1000 + kVideoClockRate);
    CHECK_FALSE(forwarding.rewrite_timestamp(1, 4000));
}
