#include "lib/media/jpeg_codec.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <tuple>

#include "lib/media/pattern.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

// The content of the first segment with this marker.
Buffer segment(Bytes jpeg, std::uint8_t marker) {
    Reader r(jpeg);
    r.skip(2);
    while (r.left() > 4) {
        r.skip(1);
        const auto found = r.u8();
        const auto content = r.bytes(r.u16() - 2U);
        if (found == marker) return Buffer(content.begin(), content.end());
    }
    return {};
}

int worst_difference(const Image& a, const Image& b) {
    int worst = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
    }
    return worst;
}

}  // namespace

TEST_CASE("what RFC 2435 asks of a JPEG is there") {
    JpegEncoder encoder;
    const auto jpeg = encoder.encode(test_pattern({1, 2}, 328, 248), 80);
    REQUIRE(jpeg);
    // Baseline (SOF0): 8 bits, 248 x 328, Y at 2x2 with table 0, U and V with table 1.
    CHECK(to_hex(segment(*jpeg, 0xC0)) == "0800f8014803012200021101031101");
    CHECK(segment(*jpeg, 0xDD).empty());  // no restart interval
    // The standard table for the DC of luminance (ITU-T T.81, table K.3).
    CHECK(to_hex(Bytes(segment(*jpeg, 0xC4)).first(29)) ==
          "0000010501010101010100000000000000000102030405060708090a0b");
}

TEST_CASE("a picture survives the round trip in either format, its sides made multiples of 8") {
    struct Row {
        int width, height, coded_width, coded_height;
    };
    const Row rows[] = {{320, 240, 320, 240}, {328, 248, 328, 248}, {321, 243, 328, 248}, {64, 129, 64, 136}};
    JpegEncoder encoder;
    JpegDecoder decoder;
    for (const auto& row : rows) {
        CAPTURE(row.width, row.height);
        const PatternMark mark{7, 12'345};
        const auto jpeg = encoder.encode(test_pattern(mark, row.width, row.height), 90);
        REQUIRE(jpeg);
        Image yuv;
        REQUIRE(decoder.decode(*jpeg, PixelFormat::i420, yuv));
        CHECK(std::tuple(yuv.width, yuv.height) == std::tuple(row.coded_width, row.coded_height));
        CHECK(read_pattern(yuv) == mark);
        Image bgr;
        REQUIRE(decoder.decode(*jpeg, PixelFormat::bgr, bgr));
        CHECK(read_pattern(bgr) == mark);
        const auto again = encoder.encode(bgr, 90);
        REQUIRE(again);
        Image yuv_again;
        REQUIRE(decoder.decode(*again, PixelFormat::i420, yuv_again));
        CHECK(worst_difference(yuv, yuv_again) < 40);
    }
}

TEST_CASE("pictures that RTP can not carry are refused") {
    JpegEncoder encoder;
    CHECK(encoder.encode(make_image(PixelFormat::bgr, 2'041, 16), 80).error().code == Errc::oversized);
    CHECK(encoder.encode({}, 80).error().code == Errc::usage);
    CHECK(encoder.encode(make_image(PixelFormat::bgr, 2'040, 16), 80));
}

TEST_CASE("damage is an error, and the decoder goes on") {
    JpegEncoder encoder;
    JpegDecoder decoder;
    const auto encoded = encoder.encode(test_pattern({1, 2}, 64, 128), 80);
    REQUIRE(encoded);
    const Buffer jpeg(encoded->begin(), encoded->end());
    Image out;
    for (std::size_t size = 0; size + 2 < jpeg.size(); ++size) {  // the last two are the end marker
        const Buffer cut(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(size));
        REQUIRE_FALSE(decoder.decode(cut, PixelFormat::i420, out));
    }
    const auto decoded = decoder.decode(jpeg, PixelFormat::i420, out);
    CHECK((decoded ? "" : decoded.error().text()) == "");
    CHECK(read_pattern(out) == PatternMark{1, 2});
}

TEST_CASE("a header that claims a huge picture allocates nothing") {
    JpegEncoder encoder;
    const auto encoded = encoder.encode(test_pattern({1, 2}, 64, 128), 80);
    Buffer jpeg(encoded->begin(), encoded->end());
    const Buffer marker = from_hex("ffc0");
    const auto sof = std::search(jpeg.begin(), jpeg.end(), marker.begin(), marker.end());
    REQUIRE(sof != jpeg.end());
    sof[5] = sof[7] = 0xFF;
    Image out;
    CHECK(JpegDecoder().decode(jpeg, PixelFormat::bgr, out).error().code == Errc::oversized);
    CHECK(out.pixels.empty());
}

TEST_CASE("the pattern is read back at any quality and size, and nothing else is") {
    JpegEncoder encoder;
    JpegDecoder decoder;
    for (const int quality : {10, 30, 90}) {
        for (const std::uint32_t frame : {0U, 1U, 63U, 0xFFFF'FFFFU}) {
            CAPTURE(quality, frame);
            const PatternMark mark{0xA55A, frame};
            Image out;
            REQUIRE(decoder.decode(encoder.encode(test_pattern(mark, 160, 128), quality).value(),
                                   PixelFormat::i420, out));
            CHECK(read_pattern(out) == mark);
        }
    }
    CHECK_FALSE(read_pattern(make_image(PixelFormat::bgr, 320, 240)));
    CHECK_FALSE(read_pattern(make_image(PixelFormat::i420, 8, 8)));
    Image torn = test_pattern({1, 1}, 320, 240);  // the upper half of one frame, the lower of another
    const Image other = test_pattern({1, 0xFF'FFFF}, 320, 240);
    std::copy(other.pixels.begin() + 320 * 60, other.pixels.end(), torn.pixels.begin() + 320 * 60);
    CHECK_FALSE(read_pattern(torn));
}

TEST_CASE("what a picture costs", "[.measure]") {
    JpegEncoder encoder;
    JpegDecoder decoder;
    const Image image = test_pattern({1, 1}, 640, 360);
    Image out;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) (void)encoder.encode(image, 80);
    const auto middle = std::chrono::steady_clock::now();
    const auto jpeg = encoder.encode(image, 80);
    for (int i = 0; i < 200; ++i) (void)decoder.decode(*jpeg, PixelFormat::i420, out);
    const std::chrono::duration<double, std::milli> encoding = middle - begin;
    const std::chrono::duration<double, std::milli> decoding = std::chrono::steady_clock::now() - middle;
    const double encode_ms = encoding.count() / 200;
    const double decode_ms = decoding.count() / 200;
    WARN("640x360: encode " << encode_ms << " ms, decode " << decode_ms << " ms");
}
