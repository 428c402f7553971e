#include "tests/support/link.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::testing;

namespace {

std::vector<Time> arrivals(const LinkQuality& quality, int count, std::uint64_t seed = 1) {
    Link link(quality, seed);
    std::vector<Time> times;
    for (int i = 0; i < count; ++i) {
        const auto carried = link.carry(1000, Time{} + i * 1ms);
        times.insert(times.end(), carried.at.begin(), carried.at.begin() + carried.count);
    }
    return times;
}

}  // namespace

TEST_CASE("a perfect link delivers at once, each datagram once") {
    Link link({}, 1);
    const auto carried = link.carry(1000, Time{} + 7ms);
    CHECK(carried.count == 1);
    CHECK(carried.at[0] == Time{} + 7ms);
}

TEST_CASE("a link loses and duplicates the shares that it is told") {
    Link link({.loss = 0.2, .duplicate = 0.1}, 7);
    std::size_t copies = 0;
    for (int i = 0; i < 10'000; ++i) copies += link.carry(100, Time{}).count;
    CHECK(link.counts().offered == 10'000);
    CHECK(link.counts().lost == Approx(2000).margin(150));
    CHECK(link.counts().duplicated == Approx(800).margin(100));
    CHECK(copies == 10'000 - link.counts().lost + link.counts().duplicated);
}

TEST_CASE("jitter alone keeps the order and stays within its bound") {
    const auto times = arrivals({.delay = 10ms, .jitter = 5ms}, 1000);
    CHECK(std::is_sorted(times.begin(), times.end()));
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(times[static_cast<std::size_t>(i)] >= Time{} + i * 1ms + 10ms);
        REQUIRE(times[static_cast<std::size_t>(i)] <= Time{} + i * 1ms + 15ms);
    }
}

TEST_CASE("a held datagram comes after those sent later") {
    const auto times = arrivals({.reorder = 0.1, .reorder_hold = 5ms}, 1000);
    CHECK(times.size() == 1000);
    CHECK_FALSE(std::is_sorted(times.begin(), times.end()));
}

TEST_CASE("a limited rate spaces datagrams and loses what would wait too long") {
    // 1000 bytes at 8 Mbit/s take 1 ms.
    Link link({.bits_per_second = 8'000'000, .max_queue = 3ms}, 1);
    CHECK(link.carry(1000, Time{}).at[0] == Time{} + 1ms);
    CHECK(link.carry(1000, Time{}).at[0] == Time{} + 2ms);
    CHECK(link.carry(1000, Time{}).at[0] == Time{} + 3ms);
    CHECK(link.carry(1000, Time{}).count == 0);
    CHECK(link.counts().overflowed == 1);
    CHECK(link.carry(1000, Time{} + 10ms).at[0] == Time{} + 11ms);
}

TEST_CASE("the same seed decides the same, another seed otherwise") {
    const LinkQuality bad{.loss = 0.1, .duplicate = 0.1, .reorder = 0.1, .delay = 5ms, .jitter = 3ms};
    CHECK(arrivals(bad, 500, 3) == arrivals(bad, 500, 3));
    CHECK(arrivals(bad, 500, 3) != arrivals(bad, 500, 4));
}
