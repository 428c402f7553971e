#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "services/audio-mixer/mix.hpp"
#include "services/audio-mixer/mix_stream.hpp"
#include "services/audio-mixer/talkers.hpp"
#include "services/audio-mixer/tick_schedule.hpp"

using namespace connectsphere;
using namespace connectsphere::mixer;

namespace {

media::AudioFrame frame_of(std::int16_t value) {
    media::AudioFrame frame;
    frame.fill(value);
    return frame;
}

}  // namespace

TEST_CASE("a mix is the sum of the others") {
    struct Row {
        std::vector<std::int16_t> voices;
        int own;  // index, -1: a listener
        std::int16_t expected;
    };
    const Row rows[] = {
        {{}, -1, 0},
        {{100}, -1, 100},
        {{100}, 0, 0},
        {{100, 20, -3}, -1, 117},
        {{100, 20, -3}, 0, 17},
        {{100, 20, -3}, 2, 120},
        {{30'000, 30'000, 5}, 2, 0},  // beyond 16 bits: limited, see below
        {{30'000, 30'000, -30'000, -30'000, 7}, -1, 7},
    };
    for (const auto& row : rows) {
        CAPTURE(row.voices, row.own);
        Mix mix;
        std::vector<media::AudioFrame> frames;
        for (const auto value : row.voices) frames.push_back(frame_of(value));
        for (const auto& frame : frames) mix.add(frame);
        const auto* own = row.own < 0 ? nullptr : &frames[static_cast<std::size_t>(row.own)];
        media::SoftLimiter limiter;
        media::AudioFrame out;
        mix.render(own, limiter, out);
        if (row.expected == 0 && !row.voices.empty() && !mix.is_silent_without(own)) {
            CHECK(out.back() > 20'000);
            CHECK(limiter.gain() < 1);
        } else {
            CHECK(out == frame_of(row.expected));
        }
        CHECK(mix.is_silent_without(own) == (row.voices.size() == (own ? 1U : 0U)));
    }
}

TEST_CASE("the loudest are heard, and stay heard against equals") {
    struct Row {
        std::vector<Candidate> candidates;
        std::size_t max;
        std::vector<std::size_t> heard;
    };
    const Row rows[] = {
        {{}, 2, {}},
        {{{0, 90, false}}, 2, {0}},
        {{{0, 50, false}, {1, 30, false}, {2, 40, false}}, 2, {1, 2}},
        {{{0, 40, true}, {1, 38, false}}, 1, {0}},   // not clearly louder
        {{{0, 40, true}, {1, 30, false}}, 1, {1}},   // clearly
        {{{0, 40, false}, {1, 40, false}}, 1, {0}},  // a tie: whoever came first
    };
    for (const auto& row : rows) {
        auto candidates = row.candidates;
        const std::size_t count = select_loudest(candidates, row.max);
        std::vector<std::size_t> heard;
        for (std::size_t i = 0; i < count; ++i) heard.push_back(candidates[i].index);
        std::ranges::sort(heard);
        CHECK(heard == row.heard);
    }
}

TEST_CASE("loudness rises at once and falls slowly") {
    Loudness loudness;
    CHECK_FALSE(loudness.is_audible());
    loudness.hear(30);
    CHECK(loudness.level() == 30);
    loudness.hear(127);
    CHECK(loudness.level() < 31);
    for (int i = 0; i < 100; ++i) loudness.hear(127);
    CHECK_FALSE(loudness.is_audible());
}

TEST_CASE("a stream plays its encoder empty, says DTX once, and pauses") {
    Mix sound;
    sound.add(frame_of(1'000));
    const Mix silence;
    MixStream stream(media::OpusConfig{});
    CHECK(stream.encode(silence, nullptr).payload.empty());
    CHECK(stream.encode(sound, nullptr).payload.size() > media::kMaxDtxPacket);
    CHECK(stream.encode(silence, nullptr).encoded);
    CHECK(stream.encode(silence, nullptr).encoded);
    const auto end = stream.encode(silence, nullptr);
    CHECK_FALSE(end.encoded);
    CHECK(media::is_dtx(end.payload));
    CHECK(media::frame_samples(end.payload) == media::kFrame);
    CHECK(stream.is_paused());
    CHECK(stream.encode(silence, nullptr).payload.empty());
}

TEST_CASE("a stream that continues another makes the same packets") {
    Mix sound;
    sound.add(frame_of(1'000));
    MixStream one(media::OpusConfig{});
    MixStream other(media::OpusConfig{});
    for (int i = 0; i < 5; ++i) (void)one.encode(sound, nullptr);
    other.continue_from(one);
    const auto a = one.encode(sound, nullptr).payload;
    const auto b = other.encode(sound, nullptr).payload;
    CHECK(Buffer(a.begin(), a.end()) == Buffer(b.begin(), b.end()));
}

TEST_CASE("a late tick is made up, a long stall is skipped") {
    TickSchedule schedule;
    schedule.start(Time{5ms});
    CHECK(schedule.deadline() == Time{20ms});
    CHECK_FALSE(schedule.take_due(Time{19ms}));
    CHECK(schedule.take_due(Time{21ms}) == Time{20ms});
    CHECK(schedule.take_due(Time{65ms}) == Time{40ms});
    CHECK(schedule.take_due(Time{65ms}) == Time{60ms});
    CHECK_FALSE(schedule.take_due(Time{65ms}));
    CHECK(schedule.late() == 1);

    int made_up = 0;
    while (schedule.take_due(Time{1s})) ++made_up;
    CHECK(made_up == TickSchedule::kMaxCatchUp);
    CHECK(schedule.deadline() == Time{1020ms});
    CHECK(schedule.skipped() == 42);
    CHECK(schedule.ticks() + schedule.skipped() == 50);
    CHECK(schedule.lateness().max == 80ms);
}
