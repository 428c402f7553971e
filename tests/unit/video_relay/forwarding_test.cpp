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

TEST_CASE("what was not forwarded for a while is not missed") {
    Forwarding forwarding;
    CHECK(seq_of(forwarding, packet(kCycle + 100, 9'000)) == 100);
    forwarding.resume();
    const auto next = forwarding.rewrite(packet(kCycle + 150, 20'000));
    REQUIRE(next);
    CHECK(next->seq == 101);
    CHECK(next->timestamp == 20'000);
    CHECK(seq_of(forwarding, packet(kCycle + 152)) == 103);
    CHECK_FALSE(forwarding.rewrite(packet(kCycle + 149)));
    CHECK(forwarding.rewrite_again(packet(kCycle + 100))->seq == 100);
}

TEST_CASE("the number of a picture that was left out is closed, but not where a part of it was sent") {
    const auto vp8 = [](std::int64_t seq, std::uint16_t id) {
        SourcePacket in = packet(seq);
        in.picture = PictureNumbers{.picture_id = id};
        return in;
    };
    for (const bool whole : {true, false}) {
        Forwarding forwarding;
        (void)forwarding.rewrite(vp8(kCycle + 100, 7));
        forwarding.skip(vp8(kCycle + 101, 8), whole);
        forwarding.skip(vp8(kCycle + 102, 8), whole);
        const auto next = forwarding.rewrite(vp8(kCycle + 103, 9));
        REQUIRE(next);
        CHECK(next->seq == 101);
        CHECK(next->picture.picture_id == (whole ? 8 : 9));
    }
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

TEST_CASE("what is skipped takes its number with it, what is lost keeps its own") {
    Forwarding forwarding;
    CHECK(seq_of(forwarding, packet(kCycle + 10)) == 10);
    forwarding.skip(packet(kCycle + 11));
    forwarding.skip(packet(kCycle + 12));
    CHECK(seq_of(forwarding, packet(kCycle + 13)) == 11);
    // 14 is lost; 15 is skipped.
    forwarding.skip(packet(kCycle + 15));
    CHECK(seq_of(forwarding, packet(kCycle + 16)) == 13);
    CHECK_FALSE(forwarding.rewrite(packet(kCycle + 15)));
    CHECK_FALSE(forwarding.rewrite(packet(kCycle + 12)));
    const auto late = forwarding.rewrite(packet(kCycle + 14));
    REQUIRE(late);
    CHECK(late->seq == 12);
    CHECK(late->is_late);
}

TEST_CASE("a hole before the newest that was skipped is filled as new") {
    Forwarding forwarding;
    CHECK(seq_of(forwarding, packet(kCycle + 10)) == 10);
    forwarding.skip(packet(kCycle + 12));
    const auto hole = forwarding.rewrite(packet(kCycle + 11));
    REQUIRE(hole);
    CHECK(hole->seq == 11);
    CHECK_FALSE(hole->is_late);  // its SRTP index is the newest
    CHECK(seq_of(forwarding, packet(1, 0, 2)) == 12);
}

TEST_CASE("each output number leads back to its packet") {
    Forwarding forwarding;
    (void)forwarding.rewrite(packet(kCycle + 10));
    forwarding.skip(packet(kCycle + 11));
    (void)forwarding.rewrite(packet(kCycle + 12));
    (void)forwarding.rewrite(packet(500, 0, 2));
    (void)forwarding.rewrite(packet(501, 0, 2));
    const auto leads_to = [&](std::uint16_t out, std::uint64_t generation, std::int64_t seq) {
        const auto origin = forwarding.origin(out);
        REQUIRE(origin);
        CHECK(origin->generation == generation);
        CHECK(origin->seq == seq);
    };
    leads_to(10, 1, kCycle + 10);
    leads_to(11, 1, kCycle + 12);
    leads_to(12, 2, 500);
    leads_to(13, 2, 501);
    const auto again = forwarding.rewrite_again(packet(kCycle + 12));
    REQUIRE(again);
    CHECK(again->seq == 11);
}

TEST_CASE("picture numbers go on without a gap over skipped pictures and another encoding") {
    const auto picture = [](std::int64_t seq, std::uint16_t id, std::uint8_t tl0,
                            std::uint64_t generation = 1) {
        auto made = packet(seq, 0, generation);
        made.picture = PictureNumbers{id, tl0};
        return made;
    };
    Forwarding forwarding;
    CHECK(forwarding.rewrite(picture(kCycle + 1, 0x7FFE, 255))->picture == PictureNumbers{0x7FFE, 255});
    forwarding.skip(picture(kCycle + 2, 0x7FFF, 255));
    forwarding.skip(picture(kCycle + 3, 0x7FFF, 255));
    CHECK(forwarding.rewrite(picture(kCycle + 4, 0, 0))->picture == PictureNumbers{0x7FFF, 0});
    CHECK(forwarding.rewrite(picture(9, 77, 7, 2))->picture == PictureNumbers{0, 1});
    CHECK(forwarding.rewrite(picture(10, 78, 8, 2))->picture == PictureNumbers{1, 2});
}
