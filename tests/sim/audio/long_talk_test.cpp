// Ten minutes of talk over bad networks, in seconds: the sound path without its codec. The stand-in for it is
// a payload that says whose frame it is and which one; it has the bits by which Opus says "here is FEC". So
// each tick shows what would be played: the right frame, one recovered by FEC, or a guess.
#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "lib/base/bytes.hpp"
#include "lib/base/seq.hpp"
#include "lib/media/jitter_buffer.hpp"
#include "tests/support/link.hpp"

using namespace connectsphere;
using namespace connectsphere::media;
using namespace connectsphere::test;

namespace {

constexpr int kMinutes = 10;
constexpr std::uint32_t kFrames = kMinutes * 60 * 50;
constexpr std::uint16_t kTalker = 0x5A;

// RFC 6716: SILK, wideband, 20 ms, mono, one frame; then the voice activity and the LBRR (FEC) bit.
Buffer stand_in(std::uint32_t frame) {
    Buffer payload(40);
    Writer w(payload);
    w.u8(0x48);
    w.u8(0xC0);
    w.u16(kTalker);
    w.u32(frame);
    return payload;
}

struct Outcome {
    std::uint64_t right = 0, recovered = 0, concealed = 0, silent = 0;
    std::uint64_t wrong_order = 0;  // a frame after a later one
    std::uint64_t foreign = 0;      // not the talker's
    Duration longest{}, at_end{};
    JitterStats stats;
};

struct Network {
    const char* name = "";
    LinkQuality quality;
    Duration burst_every{};  // 60 ms in which nothing arrives
    double drift_ppm = 0;    // of the sender's clock
};

// `calm_at`: from then on the network is perfect.
Outcome talk(const Network& network, std::uint32_t calm_at = kFrames) {
    Link link(network.quality, 7);
    JitterBuffer buffer;
    SeqUnwrapper seqs;
    TimestampUnwrapper timestamps;
    std::multimap<Time, std::uint32_t> under_way;
    Outcome outcome;
    std::int64_t newest = -1;
    const auto note = [&](Bytes payload, std::int64_t back) {
        Reader r(payload);
        r.skip(2);
        outcome.foreign += r.u16() == kTalker ? 0U : 1U;
        const auto frame = static_cast<std::int64_t>(r.u32()) - back;
        outcome.wrong_order += frame > newest ? 0U : 1U;
        newest = frame;
    };
    std::uint32_t to_send = 0;
    const auto sent_at = [&](std::uint32_t frame) {
        const Duration drift(static_cast<std::int64_t>(20 * network.drift_ppm * frame));
        return Time{1h} + frame * kFrameDuration + drift;
    };
    const auto send = [&](std::uint32_t frame, bool stormy) {
        const Time sent = sent_at(frame);
        const bool in_burst = stormy && network.burst_every > Duration{} &&
                              sent.time_since_epoch() % network.burst_every < 60ms;
        const auto arrivals = link.carry(100, sent);
        for (std::size_t i = 0; i < arrivals.count && !in_burst; ++i) {
            under_way.emplace(arrivals.at[i], frame);
        }
    };
    for (std::uint32_t n = 0; n < kFrames; ++n) {
        const Time tick = Time{1h} + n * kFrameDuration + 7ms;
        if (n == calm_at) link.set_quality({.delay = network.quality.delay});
        while (sent_at(to_send) <= tick) send(to_send++, n < calm_at);
        while (!under_way.empty() && under_way.begin()->first <= tick) {
            const auto [arrival, frame] = *under_way.begin();
            under_way.erase(under_way.begin());
            const Buffer payload = stand_in(frame);
            buffer.push({.seq = seqs.unwrap(static_cast<std::uint16_t>(frame + 65'000)),
                         .timestamp = timestamps.unwrap(frame * 960U + 4'294'000'000U),
                         .payload = payload,
                         .arrival = arrival});
        }
        const auto playout = buffer.pop(tick, false);
        switch (playout.kind) {
            case Playout::Kind::frame:
                ++outcome.right;
                note(playout.packet, 0);
                if (!playout.extra.empty()) note(playout.extra, 0);
                break;
            case Playout::Kind::fec:
                ++outcome.recovered;
                note(playout.packet, 1);
                break;
            case Playout::Kind::conceal:
                ++outcome.concealed;
                break;
            case Playout::Kind::silence:
                ++outcome.silent;
        }
        if (n > 500) outcome.longest = std::max(outcome.longest, buffer.delay());
    }
    outcome.at_end = buffer.delay();
    outcome.stats = buffer.stats();
    return outcome;
}

}  // namespace

TEST_CASE("ten minutes over bad networks: in order, bounded, and most losses recovered") {
    struct Row {
        Network network;
        double most_concealed;  // share of the frames
        double least_recovered;
        Duration longest;
    };
    const Row rows[] = {
        {{"5 % loss", {.loss = 0.05, .delay = 10ms}}, 0.006, 0.04, 100ms},
        {{"10 % loss", {.loss = 0.10, .delay = 10ms}}, 0.02, 0.075, 100ms},
        {{"20 % loss", {.loss = 0.20, .delay = 10ms}}, 0.06, 0.13, 100ms},
        {{"60 ms bursts", {.delay = 10ms}, 2s}, 0.04, 0, 150ms},
        {{"jitter to 80 ms", {.delay = 5ms, .jitter = 80ms}}, 0.05, 0, 200ms},
        {{"reordering", {.reorder = 0.1, .delay = 10ms, .reorder_hold = 30ms}}, 0.05, 0, 150ms},
        {{"duplication", {.duplicate = 0.3, .delay = 10ms}}, 0.001, 0, 100ms},
        {{"drift +200 ppm", {.delay = 10ms}, {}, 200}, 0.002, 0, 100ms},
        {{"drift -200 ppm", {.delay = 10ms}, {}, -200}, 0.002, 0, 100ms},
        {{"all of it",
          {.loss = 0.05, .duplicate = 0.05, .reorder = 0.05, .delay = 10ms, .jitter = 40ms},
          5s,
          200},
         0.1,
         0.01,
         220ms},
    };
    for (const auto& row : rows) {
        const auto outcome = talk(row.network);
        INFO(row.network.name << ": right " << outcome.right << ", recovered " << outcome.recovered
                              << ", concealed " << outcome.concealed << ", silent " << outcome.silent
                              << ", longest " << milliseconds(outcome.longest) << " ms, at the end "
                              << milliseconds(outcome.at_end));
        CHECK(outcome.foreign == 0);
        CHECK(outcome.wrong_order == 0);
        CHECK(static_cast<double>(outcome.concealed + outcome.silent) <= row.most_concealed * kFrames);
        CHECK(static_cast<double>(outcome.recovered) >= row.least_recovered * kFrames);
        CHECK(outcome.longest <= row.longest);
        CHECK(outcome.stats.fec_recovered == outcome.recovered);
    }
}

TEST_CASE("after a storm the delay is back at its target") {
    const Network storm{"storm", {.loss = 0.1, .reorder = 0.1, .delay = 10ms, .jitter = 80ms}};
    const auto outcome = talk(storm, kFrames - 60 * 50);
    CHECK(outcome.longest > 60ms);
    INFO(milliseconds(outcome.at_end));
    CHECK(outcome.at_end <= 60ms);
}
