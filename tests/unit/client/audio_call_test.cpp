// The sound of a client against the far end that a test plays: what is sent in pauses and under loss.
#include "lib/client/audio_call.hpp"

#include <catch2/catch.hpp>
#include <variant>

#include "lib/media/wav.hpp"

using namespace connectsphere;
using namespace connectsphere::client;

namespace {

constexpr Ssrc kVoice{1}, kMix{2};
constexpr WallTime kWall{std::chrono::seconds(1'700'000'000)};

proto::MediaKeys keys(proto::SrtpProfile profile) {
    proto::MediaKeys out;
    out.set_profile(profile);
    out.set_port(11'000);
    const std::string salt(profile == proto::AEAD_AES_128_GCM ? 12 : 14, 's');
    out.mutable_to_server()->set_key(std::string(16, 'u'));
    out.mutable_to_server()->set_salt(salt);
    out.mutable_to_client()->set_key(std::string(16, 'd'));
    out.mutable_to_client()->set_salt(salt);
    return out;
}

wire::SrtpKey srtp_key(char fill) {
    wire::SrtpKey key;
    key.key.fill(static_cast<std::uint8_t>(fill));
    key.salt.fill('s');
    return key;
}

class Speech : public AudioSource {
  public:
    explicit Speech(std::vector<std::int16_t> samples) : samples_(std::move(samples)) {}
    bool read(media::AudioFrame& out) override {
        if (next_ + media::kFrame > samples_.size()) return false;
        std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(next_), media::kFrame, out.begin());
        next_ += media::kFrame;
        return true;
    }

  private:
    std::vector<std::int16_t> samples_;
    std::size_t next_ = 0;
};

struct Caller {
    explicit Caller(std::vector<std::int16_t> samples)
        : link([](MutableBytes bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{7}); }),
          call({.source = std::make_unique<Speech>(std::move(samples)), .sink = nullptr}),
          server(srtp_key('u')) {
        REQUIRE(link.install(keys(proto::AEAD_AES_128_GCM), *parse_address("127.0.0.1:9000", 0), kVoice, {}));
        link.set_rtcp({.write = [this](Writer& w, Time at) { call.write_report(w, at, kWall); }});
        call.restart(kVoice, kMix);
    }

    // What one tick sent: the opened packet, if any.
    std::optional<Buffer> tick() {
        DatagramBatch batch(4'000);
        call.tick(now += 20ms, link, batch);
        if (batch.empty()) return std::nullopt;
        Buffer packet(batch.bytes(0).begin(), batch.bytes(0).end());
        packet.resize(*server.unprotect_rtp(packet));
        return packet;
    }

    MediaLink link;
    AudioCall call;
    wire::SrtpReceiver server;
    Time now{};
};

std::vector<std::int16_t> tone(std::size_t frames) {
    std::vector<std::int16_t> samples(frames * media::kFrame);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = i / 60 % 2 == 0 ? 5'000 : -5'000;
    return samples;
}

}  // namespace

TEST_CASE("a pause begins with one DTX packet, and its end has the marker") {
    Caller caller(tone(10));
    for (int i = 0; i < 10; ++i) {
        const auto packet = caller.tick();
        REQUIRE(packet);
        const auto rtp = *wire::parse_rtp(*packet);
        CHECK(rtp.header.marker == (i == 0));
        CHECK_FALSE(media::is_dtx(rtp.payload));
    }
    SECTION("at the end of the source") {}
    SECTION("muted") { caller.call.set_muted(true); }
    const auto last = caller.tick();
    REQUIRE(last);
    const auto rtp = *wire::parse_rtp(*last);
    CHECK(media::is_dtx(rtp.payload));
    CHECK(media::frame_samples(rtp.payload) == media::kFrame);
    CHECK(rtp.header.audio_level->level == media::kSilenceLevel);
    CHECK(rtp.header.timestamp == 10 * media::kFrame);
    CHECK_FALSE(caller.tick());
}

TEST_CASE("a held note is no pause, steady noise is") {
    const auto sent = [](int height) {
        auto samples = tone(200);
        for (auto& sample : samples) sample = static_cast<std::int16_t>(sample / 5'000 * height);
        Caller caller(samples);
        int packets = 0;
        for (int i = 0; i < 200; ++i) packets += caller.tick() ? 1 : 0;
        return packets;
    };
    CHECK(sent(5'000) == 200);
    CHECK(sent(20) < 60);
}

TEST_CASE("the loss that the server reports switches FEC on") {
    const auto voice = *media::load_wav(CS_TEST_DATA "/voice_reader1.wav");
    Caller caller(voice);
    int with_fec = 0;
    const auto talk = [&](int frames) {
        with_fec = 0;
        for (int i = 0; i < frames; ++i) {
            const auto packet = caller.tick();
            if (packet && media::has_fec(wire::parse_rtp(*packet)->payload)) ++with_fec;
        }
    };
    talk(100);
    CHECK(with_fec == 0);
    wire::ReportBlock block;
    block.ssrc = kVoice;
    block.fraction_lost = 26;  // 10 %
    Buffer report(100);
    Writer w(report);
    wire::write_receiver_report(w, kMix, std::span(&block, 1));
    caller.call.report(w.written(), caller.now, kWall);
    CHECK(caller.call.network().loss_up > 0.09);
    talk(100);
    CHECK(with_fec > 50);
}

TEST_CASE("reports give the round trip and tell what arrived") {
    Caller caller(tone(1));
    const auto compound = [&] {
        DatagramBatch batch(2'000);
        caller.link.on_time(caller.now, batch);
        REQUIRE(batch.size() == 1);
        Buffer bytes(batch.bytes(0).begin(), batch.bytes(0).end());
        bytes.resize(*caller.server.unprotect_rtcp(bytes));
        return bytes;
    };
    const auto first = compound();
    auto parsed = *wire::parse_rtcp(first);
    const auto sent = std::get<wire::SenderReport>(*parsed.next());
    CHECK(sent.sender == kVoice);
    CHECK(sent.blocks.size() == 0);
    CHECK_FALSE(caller.call.network().round_trip);

    for (const std::uint16_t seq : std::initializer_list<std::uint16_t>{10, 11, 13}) {  // one of four is lost
        wire::RtpHeader header{
            .payload_type = wire::kPayloadTypeOpus, .seq = seq, .timestamp = seq * 960U, .ssrc = kMix};
        const Buffer payload(media::kDtxPacket.begin(), media::kDtxPacket.end());
        caller.call.packet({.rtp = {.header = header, .payload = payload, .header_size = 12},
                            .arrival = caller.now += 20ms});
    }
    wire::ReportBlock block;
    block.ssrc = kVoice;
    block.last_report = static_cast<std::uint32_t>(sent.info.ntp >> 16);
    block.delay = 65'536 / 100;  // kept for 10 ms
    Buffer answer(100);
    Writer w(answer);
    wire::write_sender_report(w, kMix, {.ntp = std::uint64_t{99} << 32}, std::span(&block, 1));
    caller.call.report(w.written(), caller.now, kWall + 40ms);
    const auto rtt = caller.call.network().round_trip;
    REQUIRE(rtt);
    CHECK(*rtt > 29ms);
    CHECK(*rtt < 31ms);

    caller.now += 1s;
    const auto second = compound();
    parsed = *wire::parse_rtcp(second);
    const auto again = std::get<wire::SenderReport>(*parsed.next());
    REQUIRE(again.blocks.size() == 1);
    CHECK(again.blocks[0].ssrc == kMix);
    CHECK(again.blocks[0].lost == 1);
    CHECK(int{again.blocks[0].fraction_lost} == 64);
    CHECK(again.blocks[0].last_report == 99U << 16);
    CHECK(caller.call.network().loss == 0.25);
}

TEST_CASE(
    "another microphone in the middle of a call is heard at once, and its level is seen, muted or not") {
    Caller caller(tone(5));
    for (int i = 0; i < 5; ++i) REQUIRE(caller.tick());
    CHECK(caller.call.take_level() < 20);
    CHECK(caller.call.take_level() == media::kSilenceLevel);
    caller.call.set_source(nullptr, std::nullopt);
    CHECK_FALSE(caller.call.has_devices());
    CHECK(caller.tick());  // a pause begins with one packet
    CHECK_FALSE(caller.tick());
    caller.call.set_source(std::make_unique<Speech>(tone(5)), std::nullopt);
    CHECK(caller.call.has_devices());
    const auto packet = caller.tick();
    REQUIRE(packet);
    CHECK(wire::parse_rtp(*packet)->header.marker);
    caller.call.set_muted(true);
    caller.call.take_level();
    caller.tick();
    CHECK(caller.call.take_level() < 20);
}
