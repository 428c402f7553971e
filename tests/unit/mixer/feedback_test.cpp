#include "services/audio-mixer/feedback.hpp"

#include <catch2/catch.hpp>
#include <variant>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::mixer;
using media::Reception;

namespace {

constexpr Ssrc kMix{0x2000};
constexpr Ssrc kVoice{0x1000};
constexpr WallTime kWall{std::chrono::seconds(1'700'000'000)};

wire::RtpHeader header(std::uint16_t seq) {
    wire::RtpHeader h;
    h.seq = seq;
    h.timestamp = seq * 960U;
    return h;
}

wire::SenderReport read(Bytes bytes) {
    auto compound = wire::parse_rtcp(bytes);
    REQUIRE(compound);
    const auto packet = compound->next();
    REQUIRE(packet);
    REQUIRE(std::holds_alternative<wire::SenderReport>(*packet));
    return std::get<wire::SenderReport>(*packet);
}

}  // namespace

TEST_CASE("a report tells what was lost since the last one") {
    struct Row {
        std::vector<std::uint16_t> seqs;
        std::uint8_t fraction;
        std::int32_t lost;
        std::uint32_t highest;
    };
    const Row rows[] = {
        {{10}, 0, 0, 10},     {{11, 13}, 85, 1, 13},  // 1 of 3
        {{12, 14}, 0, 0, 14},                         // the lost one came late
        {{18}, 192, 3, 18},                           // 3 of 4
        {{19}, 0, 3, 19},
    };
    Reception reception;
    Time now{};
    for (const auto& row : rows) {
        for (const auto seq : row.seqs) reception.on_packet(header(seq), now += 20ms);
        const auto block = reception.report(kVoice);
        CHECK(block.ssrc == kVoice);
        CHECK(int{block.fraction_lost} == int{row.fraction});
        CHECK(block.lost == row.lost);
        CHECK(block.highest_seq == row.highest);
    }
}

TEST_CASE("packets that keep their distance have no jitter") {
    Reception reception;
    Time now{};
    for (std::uint16_t seq = 0; seq < 100; ++seq) reception.on_packet(header(seq), now += 20ms);
    CHECK(reception.report(kVoice).jitter == 0);
    // Every second one is 10 ms late: the distance changes by 480 samples each time.
    for (std::uint16_t seq = 100; seq < 300; ++seq) {
        now += 20ms;
        reception.on_packet(header(seq), now + (seq % 2 == 0 ? 10ms : 0ms));
    }
    CHECK(reception.report(kVoice).jitter > 470);
    CHECK(reception.report(kVoice).jitter <= 480);
}

TEST_CASE("the answer to a report gives the round trip") {
    Feedback feedback;
    const MixSender sender;
    CHECK(feedback.is_due(Time{}));
    Buffer bytes(256);
    Writer w(bytes);
    feedback.write(w, sender, kVoice, 960, Time{1s}, kWall);
    CHECK_FALSE(feedback.is_due(Time{1500ms}));
    CHECK(feedback.is_due(Time{2s}));
    const auto sent = read(w.written());
    CHECK(sent.blocks.size() == 0);
    CHECK(sent.info.rtp_timestamp == 960);

    wire::ReportBlock block;
    block.ssrc = kMix;
    block.fraction_lost = 64;
    block.jitter = 480;
    block.last_report = static_cast<std::uint32_t>(sent.info.ntp >> 16);
    block.delay = 65'536 / 2;  // the participant kept it for 0.5 s
    Buffer answer(64);
    Writer a(answer);
    wire::write_receiver_report(a, kVoice, std::span(&block, 1));
    REQUIRE(feedback.on_rtcp(a.written(), kMix, Time{2s}, kWall + 530ms));
    CHECK(feedback.reports().loss() == 0.25);
    CHECK(feedback.reports().jitter() == 10ms);
    CHECK(milliseconds(*feedback.reports().round_trip()) >= 29);
    CHECK(milliseconds(*feedback.reports().round_trip()) <= 31);

    block.ssrc = {99};  // about somebody else
    block.fraction_lost = 255;
    Writer other(answer);
    wire::write_receiver_report(other, kVoice, std::span(&block, 1));
    REQUIRE(feedback.on_rtcp(other.written(), kMix, Time{3s}, kWall));
    CHECK(feedback.reports().loss() == 0.25);
    CHECK_FALSE(feedback.on_rtcp(Buffer(5), kMix, Time{3s}, kWall));
}

TEST_CASE("a report says when theirs came") {
    Feedback feedback;
    const MixSender sender;
    feedback.on_rtp(header(1), Time{});
    Buffer bytes(256);
    Writer theirs(bytes);
    wire::SenderInfo info;
    info.ntp = 0x0001'2345'6789'0000;
    wire::write_sender_report(theirs, kVoice, info);
    REQUIRE(feedback.on_rtcp(theirs.written(), kMix, Time{1s}, kWall));
    Buffer ours(256);
    Writer w(ours);
    feedback.write(w, sender, kVoice, 0, Time{1500ms}, kWall);
    const auto report = read(w.written());
    REQUIRE(report.blocks.size() == 1);
    CHECK(report.blocks[0].last_report == 0x2345'6789);
    CHECK(report.blocks[0].delay == 32'768);
}
