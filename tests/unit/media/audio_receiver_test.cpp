#include "lib/media/audio_receiver.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "tests/unit/media/voices.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

constexpr Time kStart{1h};

struct Talker {
    OpusEncoder encoder{OpusConfig{.inband_fec = true, .expected_loss_percent = 10}};
    std::vector<std::int16_t> voice = load_voice("jfk");
    std::int64_t sent = 0;

    // The next packet of the voice, or none if it is to be lost.
    void send(AudioReceiver& receiver, bool lose = false) {
        Buffer packet(kMaxOpusPacket);
        packet.resize(encoder.encode(frame_of(voice, static_cast<std::size_t>(sent)), packet).value());
        if (!lose) receiver.push({sent, sent * 960, packet, kStart + sent * 20ms});
        ++sent;
    }
};

bool is_silent(const AudioFrame& frame) {
    return std::all_of(frame.begin(), frame.end(), [](int s) { return s == 0; });
}

Time tick(std::int64_t n) { return kStart + n * 20ms + 12ms; }

}  // namespace

TEST_CASE("a receiver plays the voice and tells its level") {
    Talker talker;
    AudioReceiver receiver;
    AudioFrame out;
    CHECK_FALSE(receiver.pull(tick(-1), out));
    CHECK(receiver.level() == kSilenceLevel);
    int loudest = kSilenceLevel;
    for (int n = 0; n < 100; ++n) {
        talker.send(receiver);
        CHECK(receiver.pull(tick(n), out));
        loudest = std::min<int>(loudest, receiver.level());
    }
    CHECK(loudest < 25);
    CHECK(receiver.undecodable() == 0);
}

TEST_CASE("W4: who is cut off fades to exact silence within 60 ms and back in when it returns") {
    Talker talker;
    AudioReceiver receiver;
    AudioFrame out;
    int n = 0;
    for (; n < 75 || receiver.level() > 30; ++n) {  // until in the middle of a loud word
        talker.send(receiver);
        receiver.pull(tick(n), out);
    }
    int before = out[kFrame - 1];
    for (int lost = 0; lost < 3; ++lost, ++n) {
        talker.send(receiver, true);
        CHECK(receiver.pull(tick(n), out));
        CHECK(std::abs(out[0] - before) < 3'000);
        before = out[kFrame - 1];
    }
    CHECK(before == 0);
    for (int lost = 0; lost < 5; ++lost, ++n) {
        talker.send(receiver, true);
        CHECK_FALSE(receiver.pull(tick(n), out));
        CHECK(is_silent(out));
        CHECK(receiver.level() == kSilenceLevel);
    }
    bool back = false;
    for (int more = 0; more < 3 && !back; ++more, ++n) {
        talker.send(receiver);
        back = receiver.pull(tick(n), out);
    }
    CHECK(back);
    CHECK(std::abs(out[0]) < 200);
}

TEST_CASE("W12: packets that are no Opus of 20 ms are concealed and hurt nobody else") {
    Talker talker;
    AudioReceiver receiver;
    AudioFrame out;
    const Buffer noise[] = {from_hex("0bffff"), from_hex("10ffffff"), Buffer(100, 0xFF)};
    for (int n = 0; n < 60; ++n) {
        if (n % 20 == 10) {
            receiver.push({talker.sent, talker.sent * 960, noise[n / 20], kStart + talker.sent * 20ms});
            talker.send(receiver, true);
        } else {
            talker.send(receiver);
        }
        CHECK(receiver.pull(tick(n), out));
    }
    CHECK(receiver.undecodable() == 3);
    CHECK(receiver.jitter().stats().lost == 0);
}

TEST_CASE("who was skipped is heard again at the right place") {
    Talker talker;
    AudioReceiver receiver;
    AudioFrame out;
    for (int n = 0; n < 50; ++n) {
        talker.send(receiver);
        receiver.skip(tick(n));
    }
    talker.send(receiver);
    CHECK(receiver.pull(tick(50), out));
    CHECK(std::abs(out[0]) < 200);  // fades in
    CHECK(receiver.jitter().size() == 0);
    CHECK(receiver.jitter().stats().skipped == 0);
}

TEST_CASE("what receiving a frame costs", "[.measure]") {
    using Clock = std::chrono::steady_clock;
    Talker talker;
    AudioReceiver receiver;
    AudioFrame out;
    std::chrono::duration<double, std::milli> spent{};
    for (int n = 0; n < 500; ++n) {
        talker.send(receiver);
        const auto begin = Clock::now();
        receiver.pull(tick(n), out);
        spent += Clock::now() - begin;
    }
    WARN("pull: " << spent.count() / 500 << " ms");
}
