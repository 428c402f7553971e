// The encoder and a picture that follows it: what a viewer has becomes what the presenter has.
#include <catch2/catch.hpp>

#include "tests/support/canvas.hpp"

namespace connectsphere::media {
namespace {

using test::Canvas;
using test::same_pixels;

const Time kStart{1h};

struct Follower {
    void take(const ScreenFrame& frame) {
        if (frame.is_new) REQUIRE(picture.resize(frame.grid.width(), frame.grid.height()));
        for (const auto& copy : frame.copies) REQUIRE(picture.copy(copy));
        for (const auto& tile : frame.tiles) {
            REQUIRE(picture.draw(tile.index, tile.encoding, frame.bytes(tile)));
            bytes += tile.size;
        }
    }
    ScreenPicture picture;
    std::size_t bytes = 0;
};

struct Pair {
    explicit Pair(ScreenEncoder::Options options = {}) : encoder(options) {}

    // Bytes that this look cost.
    std::size_t look(const Canvas& canvas) {
        const auto before = follower.bytes;
        const PixelRect all = canvas.all();
        follower.take(encoder.update(canvas.view(), {&all, 1}, now));
        return follower.bytes - before;
    }
    void rest() {
        for (int i = 0; i < 1000 && encoder.deadline() != kNever; ++i) {
            now = std::max(now, encoder.deadline());
            follower.take(encoder.refine(now));
        }
        CHECK(encoder.deadline() == kNever);
    }

    ScreenEncoder encoder;
    Follower follower;
    Time now = kStart;
};

TEST_CASE("what does not change costs nothing") {
    Canvas canvas(300, 200);
    canvas.text({20, 20, 200, 100});
    Pair pair;
    CHECK(pair.look(canvas) > 0);
    pair.rest();
    CHECK(pair.look(canvas) == 0);
    CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
    CHECK(pair.follower.picture.is_exact());
}

TEST_CASE("trap W16: a typed glyph is exact at once, at the size of the screen, and under 1 kB") {
    Canvas canvas(1920, 1080);
    canvas.text({100, 100, 1500, 800});
    Pair pair;
    pair.look(canvas);
    pair.rest();
    for (int i = 0; i < 40; ++i) {
        canvas.text({200 + 9 * i, 300, 9, 14});
        CHECK(pair.look(canvas) < 1000);
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
        pair.now += 100ms;
    }
    CHECK(pair.follower.picture.is_exact());
}

TEST_CASE("a photograph comes as JPEG and is exact once it was still for 300 ms") {
    Canvas canvas(256, 128);
    Pair pair;
    pair.look(canvas);
    canvas.noise({0, 0, 128, 128});
    pair.look(canvas);
    CHECK_FALSE(pair.follower.picture.is_exact());
    CHECK(pair.encoder.deadline() == pair.now + ScreenEncoder::kStill);
    pair.follower.take(pair.encoder.refine(pair.now + 299ms));
    CHECK_FALSE(pair.follower.picture.is_exact());
    pair.rest();
    CHECK(pair.follower.picture.is_exact());
    CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
}

TEST_CASE("a scroll is a copy, and costs a fifth of plain tiles at most") {
    const auto cost = [](bool finds_scrolls) {
        Canvas canvas(1280, 720);
        canvas.text(canvas.all());
        Pair pair({.jpeg_quality = 75, .finds_scrolls = finds_scrolls});
        pair.look(canvas);
        std::size_t bytes = 0;
        for (int i = 0; i < 5; ++i) {
            pair.now += 100ms;
            canvas.scroll({64, 40, 1000, 640}, 51);
            bytes += pair.look(canvas);
            CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
        }
        pair.rest();
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
        return bytes;
    };
    CHECK(5 * cost(true) < cost(false));
}

TEST_CASE("a window that is dragged is a copy, whatever the direction") {
    for (const auto& [dx, dy] : {std::pair{13, 7}, {-20, 0}, {5, -30}}) {
        INFO(dx << ", " << dy);
        Canvas canvas(640, 480);
        canvas.fill(canvas.all(), 0x808080);
        canvas.text({100, 100, 400, 250});
        Pair pair;
        const auto first = pair.look(canvas);
        canvas.move({100, 100, 400, 250}, dx, dy);
        pair.now += 30ms;
        CHECK(10 * pair.look(canvas) < first);
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
        pair.rest();
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
    }
}

TEST_CASE("another size begins anew") {
    Pair pair;
    for (const auto& [width, height] : {std::pair{200, 100}, {64, 64}, {1, 1}, {333, 65}}) {
        Canvas canvas(width, height);
        canvas.text(canvas.all());
        pair.look(canvas);
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
    }
}

TEST_CASE("whatever a screen does, the picture becomes the screen, pixel for pixel") {
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        Canvas canvas(333, 277, seed);
        canvas.text(canvas.all());
        Pair pair;
        for (int i = 0; i < 60; ++i) {
            for (auto n = canvas.random(3); n > 0; --n) canvas.change();
            pair.look(canvas);
            pair.now += std::chrono::milliseconds(10 + canvas.random(200));
            if (canvas.random(4) == 0) pair.follower.take(pair.encoder.refine(pair.now));
            if (canvas.random(8) == 0) pair.follower.take(pair.encoder.back());
        }
        pair.rest();
        CHECK(pair.follower.picture.is_exact());
        CHECK(same_pixels(pair.follower.picture.view(), canvas.view()));
    }
}

TEST_CASE("a flag goes with the pixels that are copied") {
    const TileGrid grid(256, 128);  // 4 x 2 tiles
    const auto carried = [&](std::vector<std::size_t> set, const ScreenCopy& copy) {
        TileFlags flags(grid.count());
        for (const auto index : set) flags[index] = true;
        carry_flags(grid, copy, flags);
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < flags.size(); ++i) {
            if (flags[i]) out.push_back(i);
        }
        return out;
    };
    using Set = std::vector<std::size_t>;
    CHECK(carried({0}, {0, 0, {64, 0, 64, 64}}) == Set{0, 1});      // copied whole
    CHECK(carried({1}, {0, 0, {64, 0, 64, 64}}) == Set{});          // overwritten whole
    CHECK(carried({1}, {0, 0, {64, 0, 63, 64}}) == Set{1});         // not quite
    CHECK(carried({4}, {0, 1, {64, 0, 64, 64}}) == Set{1, 4});      // a row of it comes along
    CHECK(carried({0, 5}, {0, 64, {0, 0, 256, 64}}) == Set{1, 5});  // a whole row of tiles, upwards
}

TEST_CASE("trap W18: a picture takes nothing that does not fit it") {
    ScreenPicture picture;
    CHECK_FALSE(picture.draw(0, TileEncoding::solid, Buffer{1, 2, 3}));
    CHECK_FALSE(picture.copy({0, 0, {0, 0, 1, 1}}));
    for (const auto& [width, height] : {std::pair<std::int64_t, std::int64_t>{0, 1},
                                        {1, 0},
                                        {-1, 5},
                                        {16'385, 1},
                                        {4097, 4096},
                                        {1LL << 40, 1LL << 40}})
        CHECK_FALSE(picture.resize(width, height));
    REQUIRE(picture.resize(100, 100));
    CHECK_FALSE(picture.draw(4, TileEncoding::solid, Buffer{1, 2, 3}));
    for (const auto& copy :
         {ScreenCopy{0, 0, {0, 0, 0, 5}}, ScreenCopy{0, 0, {50, 0, 51, 5}}, ScreenCopy{-1, 0, {0, 0, 5, 5}},
          ScreenCopy{0, 96, {0, 0, 5, 5}}, ScreenCopy{0, 0, {0, 0, 1 << 30, 1}}})
        CHECK_FALSE(picture.copy(copy));
}

}  // namespace
}  // namespace connectsphere::media
