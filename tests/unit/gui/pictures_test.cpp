#include "client-gui/pictures.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>

#include "client-gui/own_video.hpp"
#include "client-gui/view.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/pattern.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

// Waits for what is told on other threads.
class Bell {
  public:
    void ring() {
        const std::lock_guard lock(mutex_);
        ++rings_;
        rung_.notify_all();
    }
    bool wait(int rings) {
        std::unique_lock lock(mutex_);
        return rung_.wait_for(lock, 20s, [&] { return rings_ >= rings; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable rung_;
    int rings_ = 0;
};

Buffer coded(int width, int height) {
    media::JpegEncoder encoder;
    const auto jpeg = encoder.encode(media::test_pattern({7, 1}, width, height), 75);
    REQUIRE(jpeg);
    return {jpeg->begin(), jpeg->end()};
}

}  // namespace

TEST_CASE("a picture comes in the size that is wanted") {
    struct Row {
        Pictures::Want want;
        Size size;
    };
    for (const auto& row : {Row{{.size = {320, 180}}, {320, 180}}, Row{{.size = {101, 57}}, {101, 57}},
                            Row{{.size = {640, 360}, .is_whole = true}, {480, 360}},
                            Row{{.size = {100, 300}, .is_whole = true}, {100, 75}}}) {
        Bell bell;
        Pictures pictures([&] { bell.ring(); }, 2);
        pictures.want(5, row.want);
        pictures.push(5, {.bytes = coded(640, 480), .arrival = Time{1s}});
        REQUIRE(bell.wait(1));
        const auto& shown = pictures.snapshot().at(5);
        CHECK(Size{shown.pixels.cols, shown.pixels.rows} == row.size);
        CHECK(shown.source == Size{640, 480});
        CHECK(shown.arrival == Time{1s});
    }
}

TEST_CASE("it is told once until somebody looks") {
    Bell bell;
    Pictures pictures([&] { bell.ring(); }, 1);
    const auto image = media::test_pattern({7, 1}, 320, 240);
    pictures.show(1, image, Time{});
    pictures.show(2, image, Time{});
    CHECK(bell.wait(1));
    CHECK(pictures.snapshot().size() == 2);
    const auto before = pictures.snapshot().at(1).version;
    pictures.show(1, image, Time{});
    CHECK(bell.wait(2));
    CHECK(pictures.snapshot().at(1).version > before);
    pictures.forget(1);
    CHECK_FALSE(pictures.snapshot().contains(1));
}

TEST_CASE("damage is counted and shows nothing") {
    Bell bell;
    Pictures pictures([&] { bell.ring(); }, 1);
    pictures.push(1, {.bytes = Buffer{1, 2, 3}});
    pictures.push(2, {.bytes = coded(320, 240)});
    REQUIRE(bell.wait(1));
    CHECK(pictures.damaged() == 1);
    CHECK_FALSE(pictures.snapshot().contains(1));
}

TEST_CASE("what builds on a damaged frame is not decoded, and only a key frame helps") {
    Bell bell;
    Pictures pictures([&] { bell.ring(); }, 1);
    const auto frame = [](bool is_key_frame) {
        return Pictures::Coded{.codec = proto::VP8, .is_key_frame = is_key_frame, .bytes = Buffer{1, 2, 3}};
    };
    CHECK(pictures.push(1, frame(true)));
    pictures.push(2, {.bytes = coded(320, 240)});  // decoded after it
    REQUIRE(bell.wait(1));
    CHECK(pictures.damaged() == 1);
    CHECK_FALSE(pictures.push(1, frame(false)));
    CHECK(pictures.dropped() == 1);
    CHECK(pictures.push(1, frame(true)));
}

TEST_CASE("a full queue drops frames of one stream, up to its next key frame") {
    // The only thread is kept busy by its first picture.
    Bell bell, go_on;
    Pictures pictures(
        [&] {
            bell.ring();
            go_on.wait(1);
        },
        1);
    pictures.push(1, {.bytes = coded(320, 240)});
    REQUIRE(bell.wait(1));
    const auto push = [&](std::uint64_t id, bool is_key_frame) {
        return pictures.push(id,
                             {.codec = proto::VP8, .is_key_frame = is_key_frame, .bytes = Buffer{1, 2, 3}});
    };
    for (std::size_t i = 0; i < Pictures::kMostWaiting; ++i) CHECK(push(2 + i % 2, i < 2));
    CHECK_FALSE(push(2, false));  // the one that waits longest
    CHECK(pictures.dropped() == Pictures::kMostWaiting / 2 + 1);
    CHECK(push(3, false));
    CHECK(push(2, true));
    go_on.ring();
}

TEST_CASE("one knows oneself from the mirror") {
    media::Image image = media::make_image(media::PixelFormat::bgr, 4, 2);
    image.pixels[0] = 255;  // left and blue
    const auto plain = scaled(image, {.size = {4, 2}}),
               mirrored = scaled(image, {.size = {4, 2}, .is_mirrored = true});
    CHECK(plain.at<cv::Vec4b>(0, 0)[0] == 255);
    CHECK(mirrored.at<cv::Vec4b>(0, 3)[0] == 255);
    CHECK(mirrored.at<cv::Vec4b>(0, 0)[0] == 0);
}

TEST_CASE("the pointer lies on a shared screen, also across its edge") {
    Pictures pictures([] {}, 1);
    const std::vector<std::uint32_t> screen(8 * 4, 0x00808080), arrow(2 * 2, 0xFFFF0000),
        glass(1, 0x80000000);
    pictures.show_screen(1, screen.data(), {8, 4}, 8 * 4, {.at = {7, -1}, .size = {2, 2}, .argb = arrow},
                         Time{});
    const auto shown = pictures.snapshot().at(1).pixels.clone();
    CHECK(shown.at<cv::Vec4b>(0, 7)[2] == 255);
    CHECK(shown.at<cv::Vec4b>(0, 7)[0] == 0);
    CHECK(shown.at<cv::Vec4b>(0, 6)[0] == 128);
    CHECK(shown.at<cv::Vec4b>(1, 7)[0] == 128);
    pictures.show_screen(1, screen.data(), {8, 4}, 8 * 4, {.at = {3, 3}, .size = {1, 1}, .argb = glass},
                         Time{});
    CHECK(pictures.snapshot().at(1).pixels.at<cv::Vec4b>(3, 3)[1] == 63);
}

TEST_CASE("a camera that is off is closed, and opened anew") {
    Pictures pictures([] {}, 1);
    int opened = 0;
    const auto open = [&](const std::string& what) -> Result<std::unique_ptr<client::VideoSource>> {
        ++opened;
        return open_video(what);
    };
    auto first = std::move(*open("pattern"));
    const auto format = first->format();
    OwnVideo own(std::move(first), "pattern", format, open, pictures, [](const Error&) {});
    media::Image image;
    REQUIRE(own.read(image));
    CHECK(pictures.snapshot().contains(kOwnPicture));
    own.power()->set(false);
    std::thread later([&] { own.power()->set(true); });
    REQUIRE(own.read(image));
    later.join();
    own.power()->set(false);
    own.stop();
    CHECK_FALSE(own.read(image));
    CHECK(opened >= 1);
}
