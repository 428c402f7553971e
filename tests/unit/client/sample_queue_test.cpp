#include "lib/client/sample_queue.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::client;

namespace {

std::vector<std::int16_t> ramp(std::size_t from, std::size_t count) {
    std::vector<std::int16_t> samples(count);
    for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<std::int16_t>((from + i) % 1000);
    return samples;
}

}  // namespace

TEST_CASE("the reader begins when a little is there, and begins again after a hole") {
    SampleQueue queue;
    media::AudioFrame frame;
    queue.push(ramp(0, media::kFrame));
    CHECK_FALSE(queue.pop(frame));
    queue.push(ramp(media::kFrame, media::kFrame / 2));
    REQUIRE(queue.pop(frame));
    CHECK(frame.front() == 0);
    CHECK(frame.back() == (media::kFrame - 1) % 1000);
    CHECK_FALSE(queue.pop(frame));
    queue.push(ramp(0, media::kFrame / 2));
    CHECK_FALSE(queue.pop(frame));
    queue.push(ramp(0, media::kFrame / 2));
    CHECK(queue.pop(frame));
}

TEST_CASE("a sound card that is faster than our clock never fills the queue, and makes no hole") {
    SampleQueue queue;
    media::AudioFrame frame;
    queue.push(ramp(0, SampleQueue::kStart));
    std::size_t most = 0;
    for (int tick = 0; tick < 50'000; ++tick) {  // 1,000 s, 0.1 % too fast
        queue.push(ramp(0, media::kFrame + 1));
        most = std::max(most, queue.size());
        REQUIRE(queue.pop(frame));
    }
    CHECK(most <= SampleQueue::kTooMuch + 2 * media::kFrame);
}

TEST_CASE("a stalled reader loses the oldest") {
    SampleQueue queue;
    for (int i = 0; i < 100; ++i) queue.push(ramp(0, media::kFrame));
    CHECK(queue.size() == SampleQueue::kMost);
    queue.push(ramp(0, 3 * SampleQueue::kMost));
    CHECK(queue.size() == SampleQueue::kMost);
}
