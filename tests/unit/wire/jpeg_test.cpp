#include "lib/wire/jpeg.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/wire/jpeg_support.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

// The file with one byte of the segment of `marker` changed.
Buffer patched(Buffer file, std::uint8_t marker, std::size_t offset, std::uint8_t value) {
    const std::uint8_t head[] = {0xFF, marker};
    const auto at = std::search(file.begin(), file.end(), std::begin(head), std::end(head));
    REQUIRE(at != file.end());
    at[static_cast<std::ptrdiff_t>(offset)] = value;
    return file;
}

Errc code(const Result<JpegFrame>& result) {
    REQUIRE_FALSE(result);
    return result.error().code;
}

}  // namespace

TEST_CASE("a JPEG survives being taken apart and put together") {
    struct Row {
        int width;
        int height;
        int subsampling;
        JpegSampling sampling;
    };
    const Row rows[] = {{640, 360, TJSAMP_420, JpegSampling::yuv420},
                        {640, 360, TJSAMP_422, JpegSampling::yuv422},
                        {8, 8, TJSAMP_420, JpegSampling::yuv420},
                        {24, 2040, TJSAMP_422, JpegSampling::yuv422}};
    for (const auto& row : rows) {
        INFO(row.width << "x" << row.height);
        const Buffer file = encode_jpeg(row.width, row.height, row.subsampling);
        const auto frame = parse_jpeg(file);
        REQUIRE(frame);
        CHECK(frame->width == row.width);
        CHECK(frame->height == row.height);
        CHECK(frame->sampling == row.sampling);
        CHECK(frame->restart_interval == 0);
        Buffer again;
        write_jpeg(*frame, again);
        CHECK(decode_jpeg(again) == decode_jpeg(file));
    }
}

TEST_CASE("the restart interval is kept") {
    const Buffer file = with_restart_interval(encode_jpeg(16, 16), 0x0102);
    const auto frame = parse_jpeg(file);
    REQUIRE(frame);
    CHECK(frame->restart_interval == 0x0102);
    Buffer again;
    write_jpeg(*frame, again);
    CHECK(parse_jpeg(again)->restart_interval == 0x0102);
}

TEST_CASE("the standard tables are those of libjpeg at the same quality") {
    for (const int quality : {1, 10, 49, 50, 51, 75, 90, 99}) {
        INFO("quality " << quality);
        const Buffer file = encode_jpeg(16, 16, TJSAMP_420, quality);
        const auto frame = parse_jpeg(file);
        REQUIRE(frame);
        CHECK(frame->tables == standard_quant_tables(quality));
    }
    CHECK(standard_quant_tables(127) == standard_quant_tables(99));
}

TEST_CASE("what RFC 2435 can not carry is refused with the reason") {
    const Buffer file = encode_jpeg(16, 16);
    struct Row {
        const char* what;
        Buffer file;
    };
    const Row rows[] = {
        {"unsupported: only baseline jpeg can travel in rtp",
         encode_jpeg(16, 16, TJSAMP_420, 75, TJFLAG_PROGRESSIVE)},
        {"unsupported: jpeg must be 4:2:0 or 4:2:2", encode_jpeg(16, 16, TJSAMP_444)},
        {"unsupported: jpeg must have three components", encode_jpeg(16, 16, TJSAMP_GRAY)},
        {"unsupported: jpeg sides must be multiples of 8", encode_jpeg(20, 16)},
        {"unsupported: jpeg sides must be at most 2040", encode_jpeg(2048, 16)},
        {"unsupported: jpeg must use the standard huffman tables", patched(file, 0xC4, 21, 7)},
        {"unsupported: jpeg samples must have 8 bits", patched(file, 0xC0, 4, 12)},
        {"unsupported: jpeg quantisation tables must have 8 bits", patched(file, 0xDB, 4, 0x10)},
        {"unsupported: jpeg huffman tables are out of order", patched(file, 0xDA, 6, 0x11)},
        {"malformed: jpeg quantisation table is missing", patched(file, 0xC0, 12, 3)},
        {"malformed: no jpeg", patched(file, 0xD8, 1, 0xD9)},
    };
    for (const auto& row : rows) {
        const auto frame = parse_jpeg(row.file);
        REQUIRE_FALSE(frame);
        CHECK(frame.error().text() == row.what);
    }
}

TEST_CASE("every truncation of a file is refused") {
    const Buffer file = encode_jpeg(16, 16);
    REQUIRE(parse_jpeg(file));
    for (std::size_t size = 0; size < file.size(); ++size) {
        CHECK(code(parse_jpeg(Bytes(file).first(size))) == Errc::truncated);
    }
}

TEST_CASE("bytes after the end of the image are ignored") {
    Buffer file = encode_jpeg(16, 16);
    const std::size_t scan = parse_jpeg(file)->scan.size();
    file.insert(file.end(), 100, 0xFF);
    CHECK(parse_jpeg(file)->scan.size() == scan);
}
