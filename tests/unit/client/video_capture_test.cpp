#include "lib/client/video_capture.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::client;

namespace {

// A camera that is unplugged after some pictures.
class ShortCamera : public VideoSource {
  public:
    explicit ShortCamera(int pictures) : left_(pictures) {}
    Result<void> read(media::Image& out) override {
        if (left_-- == 0) return Error{Errc::closed, "unplugged"};
        out = {};
        return {};
    }
    Format format() const override { return {.width = 16, .height = 16, .frame_rate = 1000}; }

  private:
    int left_;
};

}  // namespace

TEST_CASE("a camera that gives no more pictures is reported once, behind its last picture") {
    net::Loop loop;
    std::vector<std::string> told;
    VideoCapture capture(loop, std::make_unique<ShortCamera>(3), VideoEncoders({}, 75),
                         {.on_picture = [&](auto, Time) { told.push_back("picture"); },
                          .on_end = [&](const Error& error) { told.push_back(error.what); }});
    capture.set_wanted(1);
    REQUIRE(test::run_until(loop, [&] { return !told.empty() && told.back() == "unplugged"; }));
    loop.run_once(10ms);
    CHECK(std::count(told.begin(), told.end(), "unplugged") == 1);
    CHECK(told.back() == "unplugged");
}

TEST_CASE("a capture that is given up reports no end") {
    net::Loop loop;
    bool is_told = false;
    {
        VideoCapture capture(
            loop, std::make_unique<ShortCamera>(1), VideoEncoders({}, 75),
            {.on_picture = [](auto, Time) {}, .on_end = [&](const Error&) { is_told = true; }});
    }
    loop.run_once(10ms);
    CHECK_FALSE(is_told);
}
