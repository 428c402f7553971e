// Tiles as bytes and back: exact where it is promised, and nothing drawn from bytes that are wrong.
#include <zstd.h>

#include <catch2/catch.hpp>

#include "tests/support/canvas.hpp"

namespace connectsphere::media {
namespace {

using test::Canvas;

struct Sample {
    const char* name;
    int width, height;
    std::size_t colours;  // 0: noise
    TileEncoding encoding;
};

constexpr Sample kSamples[] = {
    {"one colour", 64, 64, 1, TileEncoding::solid},
    {"two colours", 64, 64, 2, TileEncoding::palette},
    {"four colours", 63, 64, 4, TileEncoding::palette},
    {"sixteen colours", 17, 5, 16, TileEncoding::palette},
    {"many colours", 64, 64, 256, TileEncoding::palette},
    {"one too many", 64, 64, 257, TileEncoding::planes},
    {"noise", 64, 64, 0, TileEncoding::planes},
    {"noise at an edge", 1, 64, 0, TileEncoding::palette},
    {"a pixel", 1, 1, 1, TileEncoding::solid},
    {"a row", 64, 1, 3, TileEncoding::palette},
};

Canvas drawn(const Sample& sample) {
    Canvas canvas(sample.width, sample.height);
    if (sample.colours == 0) {
        canvas.noise(canvas.all());
        return canvas;
    }
    for (int i = 0; i < sample.width * sample.height; ++i) {
        const auto colour = static_cast<std::uint32_t>(static_cast<std::size_t>(i) % sample.colours);
        canvas.fill({i % sample.width, i / sample.width, 1, 1}, colour * 40503 & 0xFFFFFF);
    }
    return canvas;
}

TileView tile_of(const Canvas& canvas) {
    const auto view = canvas.view();
    return {view.data, view.width, view.height, view.stride};
}

// A tile to draw on, in a frame of pixels that must stay as they are.
struct Target {
    explicit Target(const TileView& tile)
        : width(tile.width),
          height(tile.height),
          stride(4 * static_cast<std::size_t>(tile.width + 2)),
          pixels(stride * static_cast<std::size_t>(tile.height + 2), 0xA5) {}

    MutableTileView view() { return {pixels.data() + stride + 4, width, height, stride}; }
    bool is_untouched() const {
        return std::all_of(pixels.begin(), pixels.end(), [](auto byte) { return byte == 0xA5; });
    }
    bool has_whole_frame() const {
        for (int y = 0; y < height + 2; ++y) {
            for (int x = 0; x < width + 2; ++x) {
                const bool is_inside = y > 0 && y <= height && x > 0 && x <= width;
                if (!is_inside &&
                    pixels[static_cast<std::size_t>(y) * stride + 4 * static_cast<std::size_t>(x)] != 0xA5)
                    return false;
            }
        }
        return true;
    }

    int width, height;
    std::size_t stride;
    Buffer pixels;
};

bool same(const TileView& tile, Target& target) {
    const auto view = target.view();
    return test::same_pixels({tile.data, tile.width, tile.height, tile.stride},
                             {view.data, view.width, view.height, view.stride});
}

TEST_CASE("what is called exact is exact, whatever the colours and the size") {
    TileEncoder encoder;
    TileDecoder decoder;
    for (const auto& sample : kSamples) {
        INFO(sample.name);
        const auto canvas = drawn(sample);
        const auto encoded = encoder.exact(tile_of(canvas));
        CHECK(encoded.encoding == sample.encoding);
        CHECK(encoded.bytes.size() <= kMaxTileBytes);
        Target target(tile_of(canvas));
        REQUIRE(decoder.decode(encoded.encoding, encoded.bytes, target.view()));
        CHECK(same(tile_of(canvas), target));
        CHECK(target.has_whole_frame());
    }
}

TEST_CASE("a tile cut off anywhere, or with more behind it, draws nothing") {
    TileEncoder encoder;
    TileDecoder decoder;
    for (const auto& sample : kSamples) {
        INFO(sample.name);
        const auto canvas = drawn(sample);
        const auto encoded = encoder.exact(tile_of(canvas));
        const Buffer whole(encoded.bytes.begin(), encoded.bytes.end());
        Target target(tile_of(canvas));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            if (decoder.decode(encoded.encoding, Bytes(whole).first(size), target.view()))
                FAIL("cut at " << size);
        }
        auto longer = whole;
        longer.push_back(0);
        CHECK_FALSE(decoder.decode(encoded.encoding, longer, target.view()));
        CHECK(target.is_untouched());
    }
}

TEST_CASE("a photograph survives as JPEG, close to what it was") {
    Canvas canvas(61, 64);
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 61; ++x)
            canvas.fill({x, y, 1, 1}, static_cast<std::uint32_t>((2 * x) << 16 | (3 * y) << 8 | (x + y)));
    }
    TileEncoder encoder;
    TileDecoder decoder;
    const auto tile = tile_of(canvas);
    const auto encoded = encoder.photo(tile, 90);
    REQUIRE(encoded.encoding == TileEncoding::scan);
    Target target(tile);
    REQUIRE(decoder.decode(encoded.encoding, encoded.bytes, target.view()));
    CHECK(target.has_whole_frame());
    int worst = 0;
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 4 * 61; ++x) {
            if (x % 4 == 3) continue;
            const int a = tile.data[static_cast<std::size_t>(y) * tile.stride + static_cast<std::size_t>(x)];
            const int b =
                target.view().data[static_cast<std::size_t>(y) * target.stride + static_cast<std::size_t>(x)];
            worst = std::max(worst, std::abs(a - b));
        }
    }
    CHECK(worst < 40);
}

TEST_CASE("a patch draws its rectangle and nothing else") {
    Canvas canvas(64, 64);
    canvas.text({10, 20, 9, 14});
    TileEncoder encoder;
    TileDecoder decoder;
    const auto encoded = encoder.patch(tile_of(canvas), {10, 20, 9, 14});
    REQUIRE(encoded.encoding == TileEncoding::patch);
    CHECK(encoded.bytes.size() < 300);  // a typed glyph
    const Buffer bytes(encoded.bytes.begin(), encoded.bytes.end());
    Canvas blank(64, 64);
    auto pixels = Buffer(blank.view().data, blank.view().data + 64 * 256);
    REQUIRE(decoder.decode(TileEncoding::patch, bytes, {pixels.data(), 64, 64, 256}));
    CHECK(test::same_pixels(canvas.view(), {pixels.data(), 64, 64, 256}));

    for (const auto& [at, value] : {std::pair{0, 56}, {1, 51}, {2, 64}, {3, 255}, {4, 0}, {4, 4}, {4, 5}}) {
        auto broken = bytes;
        broken[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
        Target target(tile_of(canvas));
        CHECK_FALSE(decoder.decode(TileEncoding::patch, broken, target.view()));
        CHECK(target.is_untouched());
    }
}

TEST_CASE("trap W18: bytes that unpack to more than a tile are refused without the memory for it") {
    const Buffer zeros(64 << 20, 0);
    Buffer bomb(ZSTD_compressBound(zeros.size()));
    bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 19));
    REQUIRE(bomb.size() < kMaxTileBytes);
    TileDecoder decoder;
    Canvas canvas(64, 64);
    Target target(tile_of(canvas));
    CHECK_FALSE(decoder.decode(TileEncoding::palette, bomb, target.view()));
    CHECK_FALSE(decoder.decode(TileEncoding::planes, bomb, target.view()));
    CHECK_FALSE(decoder.decode(static_cast<TileEncoding>(9), bomb, target.view()));
    CHECK(target.is_untouched());
}

}  // namespace
}  // namespace connectsphere::media
