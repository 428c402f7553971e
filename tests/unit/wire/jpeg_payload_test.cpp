#include "lib/wire/jpeg_payload.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/wire/jpeg_support.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

Buffer hex(std::string text) {
    std::erase(text, ' ');
    return from_hex(text);
}

std::vector<Buffer> payloads(const JpegFrame& frame, std::size_t max_payload) {
    const JpegPacketizer packetizer(frame, max_payload);
    std::vector<Buffer> all;
    for (std::size_t i = 0; i < packetizer.count(); ++i) {
        Buffer payload(max_payload);
        payload.resize(packetizer.write(i, payload));
        REQUIRE_FALSE(payload.empty());
        CHECK(packetizer.is_last(i) == (i + 1 == packetizer.count()));
        all.push_back(payload);
    }
    return all;
}

JpegFrame small_frame(Bytes scan) {
    JpegFrame frame{.sampling = JpegSampling::yuv420, .width = 640, .height = 360, .scan = scan};
    frame.tables.luma.fill(0x11);
    frame.tables.chroma.fill(0x22);
    return frame;
}

}  // namespace

TEST_CASE("the payload headers have their golden bytes") {
    const Buffer scan(300, 0xEE);
    JpegFrame frame = small_frame(scan);
    auto all = payloads(frame, 256);
    REQUIRE(all.size() == 2);
    CHECK(to_hex(Bytes(all[0]).first(16)) ==
          "00000000"
          "01ff502d"
          "00000080"
          "11111111");
    CHECK(to_hex(Bytes(all[0]).subspan(12 + 124, 8)) ==
          "22222222"
          "eeeeeeee");
    CHECK(all[0].size() == 256);
    CHECK(to_hex(Bytes(all[1]).first(12)) ==
          "00000074"
          "01ff502d"
          "eeeeeeee");
    CHECK(all[1].size() == 8 + 300 - 116);

    frame.sampling = JpegSampling::yuv422;
    frame.restart_interval = 0x0102;
    all = payloads(frame, 256);
    CHECK(to_hex(Bytes(all[0]).first(16)) ==
          "00000000"
          "40ff502d"
          "0102ffff"
          "00000080");
    CHECK(to_hex(Bytes(all[1]).first(16)) ==
          "00000070"
          "40ff502d"
          "0102ffff"
          "eeeeeeee");
}

TEST_CASE("the payloads of a frame join to its scan at any size") {
    const Buffer file = encode_jpeg(320, 240);
    const auto frame = parse_jpeg(file);
    REQUIRE(frame);
    for (const std::size_t max_payload : {256U, 257U, 999U, 1172U, 60'000U}) {
        Buffer scan;
        std::size_t i = 0;
        for (const auto& bytes : payloads(*frame, max_payload)) {
            const auto payload = parse_jpeg_payload(bytes);
            REQUIRE(payload);
            CHECK(payload->offset == scan.size());
            CHECK(payload->tables.has_value() == (i++ == 0));
            if (payload->tables) CHECK(*payload->tables == frame->tables);
            CHECK(payload->parameters.width == 320);
            scan.insert(scan.end(), payload->scan.begin(), payload->scan.end());
        }
        CHECK(scan == Buffer(frame->scan.begin(), frame->scan.end()));
    }
}

TEST_CASE("a payload that does not fit is not written") {
    const Buffer scan(300, 0xEE);
    const JpegPacketizer packetizer(small_frame(scan), 256);
    for (std::size_t room = 0; room < 256; ++room) {
        Buffer out(room);
        CHECK(packetizer.write(0, out) == 0);
    }
}

TEST_CASE("tables of stock senders") {
    const std::string main = "00000000 01ff0101";
    const std::string table(128, '1');
    const auto shared = parse_jpeg_payload(hex(main + "00000040" + table + "ee"));
    REQUIRE(shared);
    CHECK(shared->tables->luma == shared->tables->chroma);

    const auto known = parse_jpeg_payload(hex("00000000 01800101 00000000 ee"));
    REQUIRE(known);
    CHECK_FALSE(known->tables);

    const Buffer bytes = hex("00000000 01320101 ee");
    const auto computed = parse_jpeg_payload(bytes);
    REQUIRE(computed);
    CHECK(computed->parameters.q == 50);
    CHECK_FALSE(computed->tables);
    CHECK(to_hex(computed->scan) == "ee");
}

TEST_CASE("hostile payload headers are refused") {
    const struct {
        const char* what;
        const char* payload;
        Errc code;
    } rows[] = {
        {"width 0", "00000001 01ff0001 ee", Errc::malformed},
        {"height 0", "00000001 01ff0100 ee", Errc::malformed},
        {"q 0", "00000001 01000101 ee", Errc::malformed},
        {"interlaced", "01000001 01ff0101 ee", Errc::unsupported},
        {"type 2", "00000001 02ff0101 ee", Errc::unsupported},
        {"type 66", "00000001 42ff0101 0001ffff ee", Errc::unsupported},
        {"type 128", "00000001 80ff0101 ee", Errc::unsupported},
        {"restart interval 0", "00000001 41ff0101 0000ffff ee", Errc::malformed},
        {"q 255 without tables", "00000000 01ff0101 00000000 ee", Errc::malformed},
        {"tables of 16 bits", "00000000 01ff0101 00030001 11 ee", Errc::unsupported},
        {"tables of one byte", "00000000 01ff0101 00000001 11 ee", Errc::malformed},
        {"tables beyond the packet", "00000000 01ff0101 0000ffff 11 ee", Errc::truncated},
        {"no data", "00000001 01ff0101", Errc::truncated},
        {"offset at the limit", "00400000 01ff0101 ee", Errc::oversized},
        {"offset beyond", "00ffffff 01ff0101 ee", Errc::oversized},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        const auto payload = parse_jpeg_payload(hex(row.payload));
        REQUIRE_FALSE(payload);
        CHECK(payload.error().code == row.code);
    }
}

TEST_CASE("every truncation of the payload headers is refused") {
    const Buffer scan(1, 0xEE);
    JpegFrame frame = small_frame(scan);
    frame.restart_interval = 1;
    const Buffer payload = payloads(frame, 256).front();
    REQUIRE(parse_jpeg_payload(payload));
    for (std::size_t size = 0; size < payload.size(); ++size) {
        CHECK_FALSE(parse_jpeg_payload(Bytes(payload).first(size)));
    }
}
