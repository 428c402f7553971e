#include "services/video-relay/allocation.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::relay;

namespace {

// A large picture of 1000, 600 and 400 bit/s, and a small one of 200, 120 and 80.
Ladder ladder() {
    return {
        .rungs = {{{1}, 2, 1000}, {{1}, 1, 600}, {{1}, 0, 400}, {{2}, 2, 200}, {{2}, 1, 120}, {{2}, 0, 80}}};
}

std::vector<std::size_t> chosen(std::size_t streams, double budget) {
    std::vector<Ladder> ladders(streams, ladder());
    allocate(ladders, budget);
    std::vector<std::size_t> out;
    for (const auto& each : ladders) out.push_back(each.chosen);
    return out;
}

}  // namespace

TEST_CASE("what does not fit goes down: fewer frames of all, then smaller, then nothing") {
    CHECK(chosen(2, 2000) == std::vector<std::size_t>{0, 0});
    CHECK(chosen(2, 1700) == std::vector<std::size_t>{0, 1});
    CHECK(chosen(2, 1200) == std::vector<std::size_t>{1, 1});
    CHECK(chosen(2, 800) == std::vector<std::size_t>{2, 2});
    CHECK(chosen(2, 700) == std::vector<std::size_t>{2, 3});
    CHECK(chosen(2, 160) == std::vector<std::size_t>{5, 5});
    CHECK(chosen(2, 100) == std::vector<std::size_t>{5, 6});
    CHECK(chosen(2, 50) == std::vector<std::size_t>{6, 6});
}

TEST_CASE("without streams there is nothing to do") { CHECK(chosen(0, 10).empty()); }
