#include "lib/media/pcm.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <random>

using namespace connectsphere::media;

namespace {

// `frame` numbers the frames of a continuous tone.
AudioFrame tone(double hertz, double amplitude, int frame = 0) {
    AudioFrame out;
    for (std::size_t i = 0; i < kFrame; ++i) {
        const double t = (frame * static_cast<double>(kFrame) + static_cast<double>(i)) / kSampleRate;
        out[i] = static_cast<std::int16_t>(amplitude * std::sin(2 * std::numbers::pi * hertz * t));
    }
    return out;
}

int largest_step(const AudioFrame& frame, int before) {
    int largest = 0;
    for (const int sample : frame) {
        largest = std::max(largest, std::abs(sample - before));
        before = sample;
    }
    return largest;
}

MixSum sum_of(const AudioFrame& voice, int times) {
    MixSum sum{};
    for (int i = 0; i < times; ++i) add(sum, voice);
    return sum;
}

}  // namespace

TEST_CASE("a voice that was added is subtracted without a trace") {
    const auto loud = tone(440, 32'767);
    MixSum sum = sum_of(loud, 7);
    const auto own = tone(1'000, 20'000);
    const auto before = sum;
    add(sum, own);
    CHECK(sum != before);
    subtract(sum, own);
    CHECK(sum == before);
}

TEST_CASE("levels are those of RFC 6464") {
    struct Row {
        const char* what;
        AudioFrame frame;
        int level;
    };
    AudioFrame square;
    for (std::size_t i = 0; i < kFrame; ++i) square[i] = i % 2 != 0 ? -32'768 : 32'767;
    AudioFrame one_click{};
    one_click[0] = 1;
    const Row rows[] = {
        {"full-scale square", square, 0},
        {"full-scale sine", tone(1'000, 32'767), 3},
        {"sine at -20 dB", tone(1'000, 3'277), 23},
        {"one bit", one_click, 120},
        {"silence", AudioFrame{}, 127},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK(level_dbov(row.frame) == row.level);
    }
    CHECK(level_dbov({}) == 127);
}

TEST_CASE("the limiter passes what is below its threshold bit for bit") {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> sample(-24'576, 24'576);
    SoftLimiter limiter;
    for (int n = 0; n < 10; ++n) {
        AudioFrame in;
        for (auto& s : in) s = static_cast<std::int16_t>(sample(random));
        AudioFrame out;
        limiter.process(sum_of(in, 1), out);
        REQUIRE(out == in);
    }
}

TEST_CASE("W12: the limiter never clips and never steps") {
    SoftLimiter limiter;
    AudioFrame out;
    int before = 0;
    for (int n = 0; n < 50; ++n) {
        const int voices = n % 10 < 5 ? 6 : 1;
        limiter.process(sum_of(tone(300, 30'000, n), voices), out);
        for (const int s : out) REQUIRE(std::abs(s) < 32'767);
        // Six such voices step by 7,070 a sample; turned down, by less than 1,000. The first frame of the
        // six is still on its way down.
        CHECK(largest_step(out, before) < (n % 10 == 0 ? 7'100 : 1'200));
        before = out[kFrame - 1];
    }
}

TEST_CASE("the limiter recovers to transparency") {
    SoftLimiter limiter;
    AudioFrame out;
    limiter.process(sum_of(tone(300, 30'000), 4), out);
    CHECK(limiter.gain() < 0.3F);
    int frames = 0;
    for (; limiter.gain() < 1 && frames < 100; ++frames) limiter.process(sum_of(tone(300, 1'000), 1), out);
    CHECK(frames < 60);
    const auto quiet = tone(300, 1'000);
    limiter.process(sum_of(quiet, 1), out);
    CHECK(out == quiet);
}

TEST_CASE("two frames become one without a click") {
    for (const double hertz : {110.0, 173.0, 440.0, 1'234.0}) {
        CAPTURE(hertz);
        const auto first = tone(hertz, 10'000, 0);
        const auto second = tone(hertz, 10'000, 1);
        AudioFrame merged;
        crossfade_merge(first, second, merged);
        CHECK(merged[0] == first[0]);
        CHECK(merged[kFrame - 1] == second[kFrame - 1]);
        const double natural = 2 * std::numbers::pi * hertz / kSampleRate * 10'000;
        CHECK(largest_step(merged, merged[0]) < natural + 100);
    }
}

TEST_CASE("a ramp ends exactly where it should") {
    AudioFrame frame;
    frame.fill(10'000);
    ramp(frame, 1, 0);
    CHECK(frame[0] == 9'990);
    CHECK(frame[kFrame - 1] == 0);
}
