#include "lib/wire/rtp.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

constexpr std::string_view kPlain = "80 e0 1234 01020304 a1b2c3d4";

// Hex with blanks, so that a test can show the fields.
Buffer hex(std::string text) {
    std::erase(text, ' ');
    return from_hex(text);
}

Buffer written(const RtpHeader& header) {
    Buffer out(kMaxRtpHeaderSize);
    out.resize(write_rtp_header(out, header));
    return out;
}

}  // namespace

TEST_CASE("the fixed header has its golden bytes") {
    const RtpHeader header{.marker = true,
                           .payload_type = kPayloadTypeVp8,
                           .seq = 0x1234,
                           .timestamp = 0x01020304,
                           .ssrc = {0xA1B2C3D4},
                           .audio_level = {}};
    CHECK(written(header) == hex(std::string(kPlain)));
    CHECK(rtp_header_size(header) == 12);
}

TEST_CASE("the audio level travels in a one-byte header extension") {
    const RtpHeader header{.marker = false,
                           .payload_type = kPayloadTypeOpus,
                           .seq = 1,
                           .timestamp = 960,
                           .ssrc = {7},
                           .audio_level = AudioLevel{true, 42}};
    CHECK(written(header) == hex("90 6f 0001 000003c0 00000007 bede 0001 10 aa 0000"));
    CHECK(rtp_header_size(header) == 20);
    const auto view = parse_rtp(written(header));
    REQUIRE(view);
    CHECK(view->header == header);
    CHECK(view->header_size == 20);
}

TEST_CASE("a header that does not fit is not written") {
    RtpHeader header{.audio_level = AudioLevel{}};
    for (std::size_t room = 0; room < kMaxRtpHeaderSize; ++room) {
        Buffer out(room);
        CHECK(write_rtp_header(out, header) == 0);
    }
}

TEST_CASE("CSRCs, extension and padding are not payload") {
    struct Row {
        const char* what;
        const char* packet;
        const char* payload;
        std::size_t header_size;
    };
    const Row rows[] = {
        {"plain", "80 60 0001 00000002 00000003 cafe", "cafe", 12},
        {"empty", "80 60 0001 00000002 00000003", "", 12},
        {"two CSRCs", "82 60 0001 00000002 00000003 00000004 00000005 cafe", "cafe", 20},
        {"padding", "a0 60 0001 00000002 00000003 cafe 000003", "cafe", 12},
        {"all padding", "a0 60 0001 00000002 00000003 000003", "", 12},
        {"unknown extension", "90 60 0001 00000002 00000003 1000 0001 ffffffff cafe", "cafe", 20},
        {"empty extension", "90 60 0001 00000002 00000003 bede 0000 cafe", "cafe", 16},
        {"everything", "b1 60 0001 00000002 00000003 00000004 bede 0001 00 10 7f 00 cafe 01", "cafe", 24},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        const Buffer packet = hex(row.packet);
        const auto view = parse_rtp(packet);
        REQUIRE(view);
        CHECK(to_hex(view->payload) == row.payload);
        CHECK(view->header_size == row.header_size);
        CHECK(view->header.seq == 1);
        CHECK(view->header.timestamp == 2);
        CHECK(view->header.ssrc == Ssrc{3});
    }
}

TEST_CASE("the audio level is found among other elements") {
    const struct {
        const char* elements;
        std::optional<AudioLevel> level;
    } rows[] = {
        {"bede 0001 10 05 00 00", AudioLevel{false, 5}},
        {"bede 0002 21 ffff 00 10 85 0000", AudioLevel{true, 5}},
        {"bede 0001 20 05 00 00", std::nullopt},
        {"bede 0001 f0 10 05 00", std::nullopt},  // id 15: stop
        {"1000 0001 10 05 00 00", std::nullopt},  // the two-byte form is not ours
    };
    for (const auto& row : rows) {
        INFO(row.elements);
        const auto view = parse_rtp(hex(std::string("90 60 0001 00000002 00000003") + row.elements));
        REQUIRE(view);
        CHECK(view->header.audio_level == row.level);
    }
}

TEST_CASE("malformed packets are refused") {
    const char* packets[] = {
        "40 60 0001 00000002 00000003 cafe",                   // version 1
        "a0 60 0001 00000002 00000003",                        // padding without a count
        "a0 60 0001 00000002 00000003 cafe 00",                // padding of nothing
        "a0 60 0001 00000002 00000003 cafe 04",                // more padding than payload
        "90 60 0001 00000002 00000003 bede 0001 00 00 00 11",  // an element beyond its extension
    };
    for (const auto* packet : packets) {
        INFO(packet);
        const auto view = parse_rtp(hex(packet));
        REQUIRE_FALSE(view);
        CHECK(view.error().code == Errc::malformed);
    }
}

TEST_CASE("every truncation of a header is refused") {
    const Buffer packet = hex("91 60 0001 00000002 00000003 00000004 bede 0002 10 05 31 aabb 000000");
    REQUIRE(parse_rtp(packet));
    for (std::size_t size = 0; size < packet.size(); ++size) {
        const auto view = parse_rtp(Bytes(packet).first(size));
        REQUIRE_FALSE(view);
        CHECK(view.error().code == Errc::truncated);
    }
}

TEST_CASE("the header of an encrypted packet parses whatever its padding says") {
    const Buffer packet = hex("a0 60 0001 00000002 00000003 cafeff");
    CHECK_FALSE(parse_rtp(packet));
    const auto view = parse_rtp_header(packet);
    REQUIRE(view);
    CHECK(to_hex(view->payload) == "cafeff");
}

TEST_CASE("RTCP is told from RTP by its second byte") {
    CHECK_FALSE(is_rtcp({}));
    CHECK_FALSE(is_rtcp(from_hex("80")));
    for (int type = 0; type < 256; ++type) {
        const Buffer packet{0x80, static_cast<std::uint8_t>(type)};
        CHECK(is_rtcp(packet) == (type >= 192 && type <= 223));
    }
}

TEST_CASE("a relay rewrites fields in place") {
    Buffer packet = hex(std::string(kPlain));
    set_seq(packet, 0xFFFF);
    set_timestamp(packet, 0x11223344);
    set_ssrc(packet, {0x55667788});
    set_payload_type(packet, kPayloadTypeH264);
    CHECK(packet == hex("80 e1 ffff 11223344 55667788"));
}

TEST_CASE("the outline says of every packet what the whole header says") {
    Buffer packet = from_hex("b2e0123400000064000000070000000100000002bede00011055000055667788");
    for (const auto flags : {0x80, 0x81, 0x82, 0x90, 0x92, 0xB2}) {
        packet[0] = static_cast<std::uint8_t>(flags);
        for (std::size_t size = 0; size <= packet.size(); ++size) {
            const Bytes cut = Bytes(packet).first(size);
            const auto outline = rtp_outline(cut);
            const auto view = parse_rtp_header(cut);
            INFO(flags << ", " << size << " bytes");
            if (view) REQUIRE(outline);
            if (!view || !outline) continue;
            CHECK(outline->header_size == view->header_size);
            CHECK(outline->seq == view->header.seq);
            CHECK(outline->ssrc == view->header.ssrc);
        }
    }
    CHECK_FALSE(rtp_outline(Bytes(packet).first(11)));
    CHECK_FALSE(rtp_outline(Bytes(packet).first(23)));  // with two CSRCs and the head of an extension
}
