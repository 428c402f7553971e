#include <catch2/catch.hpp>
#include <vector>

#include "lib/media/h264_codec.hpp"
#include "lib/media/pattern.hpp"
#include "lib/media/picture_tools.hpp"
#include "lib/media/vp8_codec.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

constexpr int kWidth = 320, kHeight = 192;
constexpr double kEnough = 28;  // dB: the pattern's slope moves on with every frame, and is hard to follow

VideoEncoderConfig config(bool temporal_layers = true) {
    return {.width = kWidth,
            .height = kHeight,
            .frame_rate = 15,
            .bits_per_second = 600'000,
            .temporal_layers = temporal_layers};
}

Image picture(std::uint32_t frame) { return test_pattern({.tag = 7, .frame = frame}, kWidth, kHeight); }

}  // namespace

TEMPLATE_TEST_CASE("what was encoded decodes to what was filmed", "", (std::pair<Vp8Encoder, Vp8Decoder>),
                   (std::pair<H264Encoder, H264Decoder>)) {
    auto encoder = decltype(TestType::first)::make(config());
    REQUIRE(encoder);
    typename TestType::second_type decoder;
    Image out;
    double worst = 99;
    for (std::uint32_t frame = 0; frame < 20; ++frame) {
        const auto encoded = encoder->encode(picture(frame), frame == 10);
        REQUIRE(encoded);
        CHECK(encoded->is_key_frame == (frame == 0 || frame == 10));
        REQUIRE(decoder.decode(encoded->data, out));
        const auto mark = read_pattern(out);
        REQUIRE(mark);
        CHECK(mark->frame == frame);
        worst = std::min(worst, psnr(picture(frame), out));
    }
    INFO(worst);
    CHECK(worst > kEnough);
}

TEST_CASE("VP8's upper temporal layers can be left out") {
    auto encoder = Vp8Encoder::make(config());
    REQUIRE(encoder);
    for (const std::uint8_t kept : {std::uint8_t{0}, std::uint8_t{1}}) {
        Vp8Decoder decoder;
        Image out;
        int shown = 0;
        for (std::uint32_t frame = 0; frame < 24; ++frame) {
            const auto encoded = encoder->encode(picture(frame), frame == 0);
            REQUIRE(encoded);
            if (encoded->temporal_layer > kept) continue;
            REQUIRE(decoder.decode(encoded->data, out));
            const auto mark = read_pattern(out);
            REQUIRE(mark);
            CHECK(mark->frame == frame);
            ++shown;
        }
        CHECK(shown == (kept == 0 ? 6 : 12));
    }
}

TEST_CASE("what is left of VP8 without its upper layers is bit by bit what it is with them") {
    auto encoder = Vp8Encoder::make(config());
    REQUIRE(encoder);
    Vp8Decoder whole, without_2, without_1;
    Image expected, out;
    for (std::uint32_t frame = 0; frame < 60; ++frame) {
        const auto encoded = encoder->encode(picture(frame), frame == 0);
        REQUIRE(encoded);
        REQUIRE(whole.decode(encoded->data, expected));
        for (auto* decoder : {&without_2, &without_1}) {
            const std::uint8_t kept = decoder == &without_2 ? 1 : 0;
            if (encoded->temporal_layer > kept) continue;
            REQUIRE(decoder->decode(encoded->data, out));
            CHECK(out.pixels == expected.pixels);
        }
    }
}

TEST_CASE("decoders refuse rubbish and go on afterwards") {
    auto encoder = Vp8Encoder::make(config());
    const auto key = encoder->encode(picture(0), true);
    REQUIRE(key);
    const Buffer good(key->data.begin(), key->data.end());
    Vp8Decoder vp8;
    Image out;
    CHECK_FALSE(vp8.decode({}, out));
    CHECK_FALSE(vp8.decode(Buffer(100, 0xAA), out));
    CHECK_FALSE(vp8.decode(Bytes(good).first(9), out));
    CHECK(vp8.decode(good, out));
    H264Decoder h264;
    CHECK_FALSE(h264.decode(Buffer(100, 0xAA), out));
}

TEST_CASE("a picture is converted and halved") {
    Image bgr = make_image(PixelFormat::bgr, 8, 8);
    for (std::size_t i = 0; i < bgr.pixels.size(); i += 3) bgr.pixels[i + 2] = 255;  // red
    Image out;
    to_i420(bgr, out);
    CHECK(out.pixels[0] == 82);
    CHECK(out.pixels[plane(out, 1).offset] == 90);
    CHECK(out.pixels[plane(out, 2).offset] == 240);
    Image half;
    halve(out, half);
    CHECK(half.width == 4);
    CHECK(half.pixels[0] == 82);
    CHECK(half.pixels[plane(half, 2).offset] == 240);
    CHECK(psnr(out, out) == 99);
    Image full = make_image(PixelFormat::i420, 2, 2);
    full.pixels = {16, 235, 0, 255, 128, 240};
    to_full_range(full);
    CHECK(full.pixels == Buffer{0, 255, 0, 255, 128, 255});
    CHECK(psnr(out, half) == 0);
}
