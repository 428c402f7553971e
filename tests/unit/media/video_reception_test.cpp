#include "lib/media/video_reception.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::media;

TEST_CASE("what did not come is lost until it comes late") {
    VideoReception reception(90'000);
    for (const auto seq : std::vector<std::uint16_t>{65534, 65535, 0, 3})
        (void)reception.on_packet(seq, 0, 100, Time{});
    CHECK(reception.packets() == 4);
    CHECK(reception.bytes() == 400);
    CHECK(reception.lost() == 2);
    (void)reception.on_packet(1, 0, 100, Time{});
    CHECK(reception.lost() == 1);
}

TEST_CASE("a sender that begins anew loses nothing by it") {
    VideoReception reception(90'000);
    for (const auto seq : std::vector<std::uint16_t>{10, 12}) (void)reception.on_packet(seq, 0, 1, Time{});
    reception.restart();
    for (const auto seq : std::vector<std::uint16_t>{30'000, 30'001})
        (void)reception.on_packet(seq, 0, 1, Time{});
    CHECK(reception.packets() == 4);
    CHECK(reception.lost() == 1);
}

TEST_CASE("jitter is that of frames, as RFC 3550 computes it") {
    VideoReception reception(90'000);
    for (std::uint16_t i = 0; i < 400; ++i) {
        const Time even = Time{} + i * 40ms;
        (void)reception.on_packet(i, i * 3600u, 1, even + (i % 2 == 0 ? 0ms : 8ms));
    }
    CHECK(reception.jitter_seconds() == Approx(0.008).margin(0.0005));

    VideoReception steady(90'000);
    for (std::uint16_t i = 0; i < 100; ++i) (void)steady.on_packet(i, i * 3600u, 1, Time{} + i * 40ms);
    CHECK(steady.jitter_seconds() == Approx(0).margin(1e-9));
}

TEST_CASE("a report counts the loss since the one before") {
    VideoReception reception(90'000);
    for (const auto seq : std::vector<std::uint16_t>{100, 101, 103, 104})
        (void)reception.on_packet(seq, 0, 1, Time{});
    const auto first = reception.report({7}, Time{} + 1s);
    CHECK(first.ssrc == Ssrc{7});
    CHECK(first.fraction_lost == 256 / 5);
    CHECK(first.lost == 1);
    CHECK(first.highest_seq == 104);
    CHECK(first.last_report == 0);
    (void)reception.on_packet(105, 0, 1, Time{});
    reception.on_sender_report(0x1234'5678'9ABC'DEF0, Time{} + 1s);
    const auto second = reception.report({7}, Time{} + 2s);
    CHECK(second.fraction_lost == 0);
    CHECK(second.last_report == 0x5678'9ABC);
    CHECK(second.delay == 65'536);
}
