#include "lib/wire/vp8_payload.hpp"

#include <catch2/catch.hpp>
#include <numeric>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

Buffer counting(std::size_t size) {
    Buffer bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    return bytes;
}

}  // namespace

TEST_CASE("the VP8 descriptors of RFC 7741 section 4.2 parse") {
    struct Row {
        const char* hex;
        Vp8Descriptor expected;
        std::size_t data;
    };
    const auto row = GENERATE(values<Row>({
        {"10aa", {.is_start = true}, 1},
        {"03aabb", {.partition = 3}, 2},
        {"11aa", {.partition = 1}, 1},  // S of another partition starts no frame
        {"30aa", {.non_reference = true, .is_start = true}, 1},
        {"908011aa", {.is_start = true, .picture_id = 0x11}, 1},
        {"9080ffffaa", {.is_start = true, .picture_id = 0x7fff, .is_picture_id_long = true}, 1},
        {"904055aa", {.is_start = true, .tl0_index = std::uint8_t{0x55}}, 1},
        {"9020a0aa", {.is_start = true, .temporal_layer = std::uint8_t{2}, .layer_sync = true}, 1},
        {"90101faa", {.is_start = true, .key_index = std::uint8_t{31}}, 1},
        {"90f092345645aa",
         {.is_start = true,
          .picture_id = 0x1234,
          .is_picture_id_long = true,
          .tl0_index = std::uint8_t{0x56},
          .temporal_layer = std::uint8_t{1},
          .key_index = std::uint8_t{5}},
         1},
    }));
    INFO(row.hex);
    const Buffer bytes = from_hex(row.hex);
    const auto parsed = parse_vp8_payload(bytes);
    REQUIRE(parsed);
    CHECK(parsed->descriptor == row.expected);
    CHECK(parsed->data.size() == row.data);
    for (std::size_t size = 0; size < bytes.size() - row.data + 1; ++size)
        CHECK_FALSE(parse_vp8_payload(Bytes(bytes).first(size)));
}

TEST_CASE("a VP8 frame is cut into payloads of nearly one size, and the golden first bytes stand") {
    const Buffer data = counting(100);
    const Vp8Frame frame{.picture_id = 0x1234,
                         .tl0_index = 7,
                         .temporal_layer = 2,
                         .layer_sync = true,
                         .non_reference = true,
                         .data = data};
    const Vp8Packetizer packets(frame, 50);
    REQUIRE(packets.count() == 3);
    Buffer all;
    for (std::size_t i = 0; i < packets.count(); ++i) {
        Buffer payload(50);
        payload.resize(packets.write(i, payload));
        CHECK(to_hex(Bytes(payload).first(6)) == (i == 0 ? "b0e0923407a0" : "a0e0923407a0"));
        CHECK(packets.is_last(i) == (i == 2));
        const auto parsed = parse_vp8_payload(payload);
        REQUIRE(parsed);
        CHECK(parsed->descriptor.is_start == (i == 0));
        CHECK(parsed->descriptor.temporal_layer == 2);
        all.insert(all.end(), parsed->data.begin(), parsed->data.end());
    }
    CHECK(all == data);
    Buffer tiny(10);
    CHECK(packets.write(0, tiny) == 0);
}

TEST_CASE("only the first packet of a key frame says so") {
    CHECK(parse_vp8_payload(from_hex("1000"))->starts_key_frame());
    CHECK_FALSE(parse_vp8_payload(from_hex("1001"))->starts_key_frame());
    CHECK_FALSE(parse_vp8_payload(from_hex("0000"))->starts_key_frame());
}

TEST_CASE("a relay renumbers what is there and nothing else") {
    struct Row {
        const char* before;
        const char* after;
    };
    const auto row = GENERATE(values<Row>({{"90f092345645aa", "90f08001ff45aa"},
                                           {"908011aa", "908001aa"},
                                           {"904055aa", "9040ffaa"},
                                           {"10aa", "10aa"}}));
    Buffer bytes = from_hex(row.before);
    set_vp8_numbers(bytes, *parse_vp8_payload(bytes), 1, 255);
    CHECK(to_hex(bytes) == row.after);
}
