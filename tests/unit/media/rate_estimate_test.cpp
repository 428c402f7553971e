#include "lib/media/rate_estimate.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

// A receiver that is sent `rate` bit/s and reports four times a second.
struct Receiver {
    RateEstimate estimate;
    Time now = Time{} + 1h;
    std::uint64_t bytes = 0;

    void run(Duration duration, double rate, double loss, Duration round_trip = 2ms) {
        for (const Time end = now + duration; now < end; now += 250ms) {
            bytes += static_cast<std::uint64_t>(rate / 8 / 4);
            estimate.on_report({.loss = loss, .round_trip = round_trip, .bytes_sent = bytes}, now);
        }
    }
    double rate() const { return estimate.bits_per_second(now); }
};

}  // namespace

TEST_CASE("a LAN has no limit, and light loss makes none") {
    Receiver receiver;
    receiver.run(10s, 50e6, 0);
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
    receiver.run(10s, 50e6, 0.05);
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}

TEST_CASE("heavy loss backs off below what arrived") {
    Receiver receiver;
    receiver.run(2s, 4e6, 0);
    receiver.run(1s, 4e6, 0.75);
    CHECK(receiver.rate() < 1e6);
    CHECK(receiver.rate() > 0.5e6);
}

TEST_CASE("a standing queue backs off without any loss") {
    Receiver receiver;
    receiver.run(2s, 2e6, 0);
    receiver.run(1s, 2e6, 0, 300ms);
    CHECK(receiver.rate() < 2e6);
}

TEST_CASE("afterwards it grows slowly, until there is no limit") {
    Receiver receiver;
    receiver.run(2s, 4e6, 0);
    receiver.run(1s, 4e6, 0.75);
    const double low = receiver.rate();
    receiver.run(2s, low, 0);  // it holds for three seconds, of which one has passed
    CHECK(receiver.rate() == Approx(low));
    receiver.run(10s, low, 0);
    CHECK(receiver.rate() > 1.5 * low);
    CHECK(receiver.rate() < 3 * low);
    receiver.run(200s, low, 0);
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}

TEST_CASE("what the receiver allows is a ceiling for a while") {
    Receiver receiver;
    receiver.estimate.on_ceiling(700'000, receiver.now);
    CHECK(receiver.rate() == 700'000);
    receiver.now += RateEstimate::kCeilingLife;
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}
