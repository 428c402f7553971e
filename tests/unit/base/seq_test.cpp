#include "lib/base/seq.hpp"

#include <catch2/catch.hpp>

#include "lib/base/ring.hpp"

using namespace connectsphere;

TEST_CASE("sequence numbers unwrap across the end of their range") {
    SeqUnwrapper unwrapper;
    const auto first = unwrapper.unwrap(65'534);
    CHECK(unwrapper.unwrap(65'535) == first + 1);
    CHECK(unwrapper.unwrap(0) == first + 2);
    CHECK(unwrapper.unwrap(1) == first + 3);
}

TEST_CASE("a late packet unwraps to before the highest and leaves it") {
    SeqUnwrapper unwrapper;
    const auto first = unwrapper.unwrap(2);
    CHECK(unwrapper.unwrap(65'535) == first - 3);
    CHECK(unwrapper.highest() == first);
}

TEST_CASE("peek does not move the highest") {
    SeqUnwrapper unwrapper;
    const auto first = unwrapper.unwrap(100);
    CHECK(unwrapper.peek(20'000) == first + 19'900);
    CHECK(unwrapper.highest() == first);
}

TEST_CASE("timestamps unwrap too") {
    TimestampUnwrapper unwrapper;
    const auto first = unwrapper.unwrap(0xFFFF'FF00U);
    CHECK(unwrapper.unwrap(0x0000'00C0U) == first + 0x1C0);
}

TEST_CASE("a full ring refuses and keeps what it has") {
    Ring<int> ring(2);
    CHECK(ring.push(1));
    CHECK(ring.push(2));
    CHECK_FALSE(ring.push(3));
    CHECK(ring.pop() == 1);
    CHECK(ring.push(4));
    CHECK(ring[0] == 2);
    CHECK(ring[1] == 4);
}
