#include "lib/media/delay_control.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

constexpr Time kStart{1h};

// `count` packets from number `first` on; every `spike_every`-th lags by `spike`.
int feed(DelayControl& control, int first, int count, Duration spike = {}, int spike_every = 1) {
    for (int n = first; n < first + count; ++n) {
        const Duration lag = n % spike_every == 0 ? spike : Duration{};
        control.on_packet(n * 960, kStart + n * 20ms + lag);
    }
    return first + count;
}

}  // namespace

TEST_CASE("the target is the lag that 98 of 100 packets stay below") {
    struct Row {
        Duration spike;
        int every;
        Duration expected;
    };
    const Row rows[] = {
        {0ms, 1, 5ms},       // a perfect network: the minimum
        {60ms, 10, 60ms},    // one packet in ten
        {60ms, 200, 5ms},    // too rare to wait for
        {500ms, 10, 200ms},  // more than we are ready to wait
    };
    for (const auto& row : rows) {
        CAPTURE(milliseconds(row.spike), row.every);
        DelayControl control;
        CHECK(control.target() == 10ms);
        feed(control, 0, 600, row.spike, row.every);
        CHECK(control.target() == row.expected);
    }
}

TEST_CASE("a constant offset is no jitter, and a longer way is learned within seconds") {
    DelayControl control;
    int next = feed(control, 0, 300, 30ms);
    CHECK(control.target() == 5ms);
    next = feed(control, next, 100, 80ms);
    CHECK(control.target() == 50ms);  // against the fastest that are remembered
    feed(control, next, 300, 80ms);
    CHECK(control.target() == 5ms);
    CHECK(control.ideal_arrival(960) == kStart + 100ms);
}

TEST_CASE("above 1 % of loss it waits for FEC, until well below") {
    DelayControl control;
    int next = feed(control, 0, 100);
    for (int n = 0; n < 2'000; ++n) control.on_outcome(n % 200 == 0);
    CHECK_FALSE(control.waits_for_fec());
    for (int n = 0; n < 300; ++n) control.on_outcome(n % 20 == 0);
    CHECK(control.waits_for_fec());
    CHECK(control.target() == 25ms);
    for (int n = 0; n < 1'000; ++n) control.on_outcome(false);
    CHECK_FALSE(control.waits_for_fec());
    feed(control, next, 10);
    CHECK(control.target() == 5ms);
}

TEST_CASE("samples become durations without overflow or drift") {
    CHECK(samples_to_duration(960) == 20ms);
    CHECK(samples_to_duration(-960) == -20ms);
    CHECK(samples_to_duration(1) == 20'833ns);
    CHECK(samples_to_duration(48'000LL * 86'400 * 365 * 100) == 24h * 365 * 100);
}
