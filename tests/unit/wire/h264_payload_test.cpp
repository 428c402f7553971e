#include "lib/wire/h264_payload.hpp"

#include <catch2/catch.hpp>
#include <numeric>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

Buffer unit(std::uint8_t header, std::size_t size) {
    Buffer bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    bytes[0] = header;
    return bytes;
}

std::vector<Buffer> packets_of(const std::vector<Bytes>& units, std::size_t max_payload) {
    const H264Packetizer packetizer(units, max_payload);
    std::vector<Buffer> all;
    for (std::size_t i = 0; i < packetizer.count(); ++i) {
        Buffer payload(max_payload);
        payload.resize(packetizer.write(i, payload));
        CHECK_FALSE(payload.empty());
        all.push_back(payload);
    }
    return all;
}

}  // namespace

TEST_CASE("a byte stream is split at its start codes") {
    std::vector<Bytes> units;
    const Buffer stream = from_hex("00000001674200000168ce0000000165aabb0000");
    split_h264(stream, units);
    REQUIRE(units.size() == 3);
    CHECK(to_hex(units[0]) == "6742");
    CHECK(to_hex(units[1]) == "68ce");
    CHECK(to_hex(units[2]) == "65aabb");
    split_h264(from_hex("6742"), units);
    CHECK(units.empty());
}

TEST_CASE("small units share a packet, a large one is cut, by golden bytes") {
    const Buffer sps = from_hex("6742c0");
    const Buffer pps = from_hex("68ce");
    const Buffer slice = unit(0x65, 22);
    const auto packets = packets_of({sps, pps, slice}, 12);
    REQUIRE(packets.size() == 4);
    CHECK(to_hex(packets[0]) == "7800036742c0000268ce");
    CHECK(to_hex(packets[1]) == "7c8501020304050607");
    CHECK(to_hex(packets[2]) == "7c0508090a0b0c0d0e");
    CHECK(to_hex(packets[3]) == "7c450f101112131415");
}

TEST_CASE("what was cut is put together again") {
    const Buffer slice = unit(0x41, 5000);
    Buffer joined;
    for (const auto& packet : packets_of({slice}, 1172)) {
        const auto parsed = parse_h264_payload(packet);
        REQUIRE(parsed);
        CHECK(parsed->kind == H264Payload::Kind::fragment);
        if (parsed->is_start) joined.push_back(parsed->header);
        joined.insert(joined.end(), parsed->data.begin(), parsed->data.end());
    }
    CHECK(joined == slice);
    const auto whole = packets_of({slice}, 5000);
    REQUIRE(whole.size() == 1);
    CHECK(whole[0] == slice);
}

TEST_CASE("malformed H.264 payloads are refused, and so is every truncation") {
    for (const char* hex :
         {"", "00", "1e", "78", "780000", "78000467", "7c", "7c85", "7cc5aa", "19aa", "1aaa"}) {
        INFO(hex);
        CHECK_FALSE(parse_h264_payload(from_hex(hex)));
    }
    const Buffer aggregate = from_hex("7800036742c0000268ce");
    for (std::size_t size = 0; size < aggregate.size(); ++size) {
        INFO(size);
        CHECK(parse_h264_payload(Bytes(aggregate).first(size)).has_value() == (size == 6));
    }
}

TEST_CASE("a key frame is told by its IDR slice or parameter sets") {
    const auto is_key = [](const char* hex) {
        return starts_h264_key_frame(*parse_h264_payload(from_hex(hex)));
    };
    CHECK(is_key("65aa"));
    CHECK(is_key("6742"));
    CHECK(is_key("7800036742c0000268ce"));
    CHECK(is_key("7c85aa"));
    CHECK_FALSE(is_key("7c05aa"));
    CHECK_FALSE(is_key("41aa"));
    CHECK_FALSE(is_key("7c81aa"));
}
