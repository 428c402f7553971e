#include "services/common/token_bucket.hpp"

#include <catch2/catch.hpp>

namespace connectsphere {
namespace {

constexpr Time kStart{1h};

int taken_at(TokenBucket& bucket, Time now) {
    int count = 0;
    while (bucket.take(now)) ++count;
    return count;
}

TEST_CASE("a token bucket allows a burst, then its rate") {
    TokenBucket bucket(20, 60);
    CHECK(taken_at(bucket, kStart) == 60);
    CHECK(taken_at(bucket, kStart + 49ms) == 0);
    CHECK(taken_at(bucket, kStart + 50ms) == 1);
    CHECK(taken_at(bucket, kStart + 1050ms) == 20);
}

TEST_CASE("an idle token bucket fills to its burst and no further") {
    TokenBucket bucket(20, 60);
    taken_at(bucket, kStart);
    CHECK(taken_at(bucket, kStart + 24h) == 60);
}

TEST_CASE("a token bucket says how long to wait, and then keeps its word") {
    TokenBucket bucket(20, 2);
    CHECK(bucket.wait(kStart) == Duration{});
    taken_at(bucket, kStart);
    const auto wait = bucket.wait(kStart);
    CHECK(wait > 49ms);
    CHECK(wait <= 50ms);
    CHECK_FALSE(bucket.take(kStart + wait - 1ms));
    CHECK(bucket.take(kStart + wait + 1us));
}

TEST_CASE("time that goes back gives a token bucket nothing") {
    TokenBucket bucket(20, 1);
    CHECK(bucket.take(kStart));
    CHECK_FALSE(bucket.take(kStart - 10s));
    CHECK_FALSE(bucket.take(kStart));
    CHECK(bucket.take(kStart + 50ms));
}

}  // namespace
}  // namespace connectsphere
