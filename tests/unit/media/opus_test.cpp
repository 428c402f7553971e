#include "lib/media/opus.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "tests/unit/media/voices.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

using Packet = Buffer;

Packet encode(OpusEncoder& encoder, const AudioFrame& frame) {
    Packet packet(kMaxOpusPacket);
    packet.resize(encoder.encode(frame, packet).value());
    return packet;
}

double energy(const AudioFrame& frame) {
    double sum = 0;
    for (const double s : frame) sum += s * s;
    return sum;
}

const OpusConfig kWithFec{.bitrate = 32'000, .inband_fec = true, .expected_loss_percent = 20};

}  // namespace

TEST_CASE("a voice survives encoding and decoding at its level") {
    const auto voice = load_voice("jfk");
    OpusEncoder encoder({});
    OpusDecoder decoder;
    double in = 0;
    double out = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        const auto frame = frame_of(voice, n);
        AudioFrame decoded;
        const auto packet = encode(encoder, frame);
        REQUIRE(frame_samples(packet) == 960);
        REQUIRE(decoder.decode(packet, decoded));
        in += energy(frame);
        out += energy(decoded);
    }
    CHECK(std::abs(10 * std::log10(out / in)) < 1);
}

TEST_CASE("an encoder that copied another's state continues its stream bit for bit") {
    const auto voice = load_voice("jfk");
    OpusEncoder shared(kWithFec);
    OpusEncoder fresh({});
    for (std::size_t n = 0; n < 100; ++n) encode(shared, frame_of(voice, n));
    OpusEncoder copy({});
    copy.copy_state_from(shared);
    CHECK(copy.config() == kWithFec);
    int fresh_differs = 0;
    for (std::size_t n = 100; n < 150; ++n) {
        const auto expected = encode(shared, frame_of(voice, n));
        REQUIRE(encode(copy, frame_of(voice, n)) == expected);
        fresh_differs += encode(fresh, frame_of(voice, n)) != expected;
    }
    CHECK(fresh_differs > 40);  // else the test would prove nothing
}

TEST_CASE("FEC is seen in the packet and brings back a lost frame better than concealment") {
    const auto voice = load_voice("jfk");
    OpusEncoder encoder(kWithFec);
    OpusDecoder with_fec;
    OpusDecoder without;
    double fec_energy = 0;
    double concealed_energy = 0;
    double true_energy = 0;
    int carried = 0;
    Packet packet = encode(encoder, frame_of(voice, 0));
    for (std::size_t n = 1; n < 400; ++n) {
        const Packet next = encode(encoder, frame_of(voice, n));
        carried += has_fec(next);
        AudioFrame out;
        if (n % 10 != 0) {
            REQUIRE(with_fec.decode(packet, out));
            REQUIRE(without.decode(packet, out));
        } else {
            true_energy += energy(frame_of(voice, n - 1));
            REQUIRE(with_fec.decode_fec(next, out));
            fec_energy += energy(out);
            without.conceal(out);
            concealed_energy += energy(out);
        }
        packet = next;
    }
    CHECK(carried > 200);
    CHECK(fec_energy / true_energy > 0.7);
    CHECK(fec_energy > concealed_energy);
}

TEST_CASE("no FEC is claimed where none can be") {
    const auto voice = load_voice("jfk");
    OpusEncoder plain({});
    OpusEncoder music({.bitrate = 128'000});  // CELT alone
    for (std::size_t n = 0; n < 100; ++n) {
        REQUIRE_FALSE(has_fec(encode(plain, frame_of(voice, n))));
        REQUIRE_FALSE(has_fec(encode(music, frame_of(voice, n))));
    }
    CHECK_FALSE(has_fec({}));
    CHECK_FALSE(has_fec(from_hex("0b")));
    CHECK_FALSE(has_fec(from_hex("0bffff")));  // code 3 that ends too early
}

TEST_CASE("a mix is coded by transform until it needs FEC, and changes without a gap") {
    const auto one = load_voice("jfk");
    const auto other = load_voice("reader1");
    OpusEncoder encoder(OpusConfig{.bitrate = 48'000, .is_mix = true});
    OpusDecoder decoder;
    const auto is_transform = [](Bytes packet) { return packet[0] >> 3 >= 16; };  // RFC 6716 section 3.1
    double in = 0;
    double out = 0;
    int with_fec = 0;
    for (std::size_t n = 0; n < 300; ++n) {
        if (n == 100) REQUIRE(encoder.configure(prepared_for(encoder.config(), 0.1)));
        if (n == 200) REQUIRE(encoder.configure(prepared_for(encoder.config(), 0)));
        auto frame = frame_of(one, n);
        const auto second = frame_of(other, n);
        for (std::size_t i = 0; i < frame.size(); ++i) {
            frame[i] = static_cast<std::int16_t>(frame[i] / 2 + second[i] / 2);
        }
        const auto packet = encode(encoder, frame);
        AudioFrame decoded;
        REQUIRE(decoder.decode(packet, decoded));
        in += energy(frame);
        out += energy(decoded);
        with_fec += has_fec(packet) ? 1 : 0;
        const bool in_transition = n % 100 < 3;
        if (!in_transition) CHECK(is_transform(packet) == (n < 100 || n >= 200));
    }
    CHECK(std::abs(10 * std::log10(out / in)) < 1);
    CHECK(with_fec > 30);
}

TEST_CASE("silence ends in DTX packets") {
    OpusEncoder encoder({.dtx = true});
    int dtx = 0;
    for (int n = 0; n < 100; ++n) dtx += is_dtx(encode(encoder, AudioFrame{}));
    CHECK(dtx > 60);
}

TEST_CASE("a packet of another duration or of noise is refused and hurts nothing") {
    struct Row {
        const char* hex;
        int samples;
        Errc code;
    };
    const Row rows[] = {
        {"", 0, Errc::malformed},
        {"0b", 0, Errc::malformed},            // code 3 without a frame count
        {"00ffff", 480, Errc::unsupported},    // 10 ms
        {"10ffff", 1'920, Errc::unsupported},  // 40 ms
        {"18ffff", 2'880, Errc::unsupported},  // 60 ms
        {"09ffffff", 1'920, Errc::malformed},  // two frames that can not be equally long
        {"e0ffff", 120, Errc::unsupported},    // 2.5 ms
        {"0bffff", 0, Errc::malformed},        // 63 frames
    };
    for (const auto& row : rows) {
        CAPTURE(row.hex);
        const Buffer packet = from_hex(row.hex);
        OpusDecoder decoder;
        AudioFrame out;
        out.fill(7);
        CHECK(frame_samples(packet) == row.samples);
        const auto decoded = decoder.decode(packet, out);
        REQUIRE_FALSE(decoded);
        if (row.samples != 1'920) CHECK(decoded.error().code == row.code);
        CHECK(out[0] == 7);
    }
}

TEST_CASE("a configuration out of range is refused") {
    CHECK_THROWS(OpusEncoder({.complexity = 11}));
    OpusEncoder encoder({});
    CHECK_FALSE(encoder.configure({.expected_loss_percent = 101}));
    CHECK(encoder.configure(kWithFec));
    CHECK(encoder.config() == kWithFec);
}

TEST_CASE("what coding a frame costs", "[.measure]") {
    const auto voice = load_voice("jfk");
    using Clock = std::chrono::steady_clock;
    OpusEncoder encoder(kWithFec);
    OpusDecoder decoder;
    std::vector<Packet> packets;
    const auto begin = Clock::now();
    for (std::size_t n = 0; n < 500; ++n) packets.push_back(encode(encoder, frame_of(voice, n)));
    const auto middle = Clock::now();
    AudioFrame out;
    for (const auto& packet : packets) REQUIRE(decoder.decode(packet, out));
    const auto end = Clock::now();
    const auto per_frame = [](auto d) { return std::chrono::duration<double, std::milli>(d).count() / 500; };
    WARN("encode " << per_frame(middle - begin) << " ms, decode " << per_frame(end - middle) << " ms");
}
