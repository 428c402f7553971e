#include "lib/media/rate_estimate.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

// A receiver that is sent `rate` bit/s and reports four times a second.
struct Receiver {
    RateEstimate estimate;
    Time now = Time{} + 1h;
    std::uint64_t bytes = 0;

    // Packets of 1,000 bytes; with `seed`, each is lost by chance.
    void run(Duration duration, double rate, double loss, std::optional<Duration> round_trip = 2ms,
             unsigned seed = 0) {
        std::mt19937 random(seed);
        std::bernoulli_distribution is_lost(loss);
        for (const Time end = now + duration; now < end; now += 250ms) {
            const auto packets = static_cast<std::uint64_t>(rate / 8 / 4 / 1000);
            auto lost = static_cast<std::uint64_t>(loss * static_cast<double>(packets));
            if (seed != 0) lost = 0;
            for (std::uint64_t i = 0; seed != 0 && i < packets; ++i) lost += is_lost(random) ? 1U : 0U;
            bytes += 1000 * packets;
            estimate.on_report(
                {.expected = packets, .lost = lost, .round_trip = round_trip, .bytes_sent = bytes}, now);
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

TEST_CASE("5 % loss by chance never looks like congestion, however few packets a report counts") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        Receiver receiver;
        receiver.run(60s, 1e6, 0.05, 2ms, seed);
        CHECK(receiver.rate() == RateEstimate::kUnlimited);
    }
}

TEST_CASE("with light loss it grows again, more slowly than without") {
    const auto after = [](double loss) {
        Receiver receiver;
        receiver.run(2s, 4e6, 0);
        receiver.run(4s, 4e6, 0.75);
        receiver.run(20s, 1e6, loss);
        return receiver.rate();
    };
    CHECK(after(0) > after(0.05));
    CHECK(after(0.05) > 1.3e6);
}

TEST_CASE("heavy loss backs off below what arrived") {
    Receiver receiver;
    receiver.run(2s, 4e6, 0);
    receiver.run(4s, 4e6, 0.75);
    CHECK(receiver.rate() < 1e6);
    CHECK(receiver.rate() > 0.5e6);
}

TEST_CASE("a standing queue backs off without any loss") {
    Receiver receiver;
    receiver.run(2s, 2e6, 0);
    receiver.run(2s, 2e6, 0, 300ms);
    CHECK(receiver.rate() < 2e6);
}

TEST_CASE("a moment of delay is no queue, however often it comes and with whatever light loss") {
    Receiver receiver;
    for (int i = 0; i < 20; ++i) {
        receiver.run(2s, 2e6, 0.05);
        receiver.run(1s, 2e6, 0.05, 400ms);
    }
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}

TEST_CASE("afterwards it grows slowly, until there is no limit") {
    Receiver receiver;
    receiver.run(2s, 4e6, 0);
    receiver.run(4s, 4e6, 0.75);
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

TEST_CASE(
    "a long round trip says nothing of later: without a new one there is no queue, and the rate grows") {
    Receiver receiver;
    receiver.run(2s, 2e6, 0);
    receiver.run(3s, 2e6, 0, 300ms);
    const double backed_off = receiver.rate();
    CHECK(backed_off < 2e6);
    receiver.run(20s, 0.3e6, 0, std::nullopt);  // its picture is off: no sender report comes back
    CHECK(receiver.rate() > 1.5 * backed_off);
}

TEST_CASE("long round trips that are far apart are no queue that stands") {
    Receiver receiver;
    receiver.run(2s, 2e6, 0);
    for (int i = 0; i < 10; ++i) {
        receiver.run(250ms, 2e6, 0, 300ms);
        receiver.run(RateEstimate::kMostBetween + 250ms, 2e6, 0, std::nullopt);
    }
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}

TEST_CASE("tools that report every five seconds show a queue as well") {
    Receiver receiver;
    receiver.run(2s, 2e6, 0);
    for (int i = 0; i < 3; ++i) {
        receiver.run(250ms, 2e6, 0, 300ms);
        receiver.run(4750ms, 2e6, 0, std::nullopt);
    }
    CHECK(receiver.rate() < 2e6);
}

TEST_CASE("who moves to a longer way is limited for a while, and not for ever") {
    Receiver receiver;
    receiver.run(10s, 2e6, 0, 2ms);
    receiver.run(2s, 2e6, 0, 250ms);
    CHECK(receiver.rate() < 2e6);
    receiver.run(300s, 0.5e6, 0, 250ms);
    CHECK(receiver.rate() == RateEstimate::kUnlimited);
}
