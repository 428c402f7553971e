#include "lib/client/media_in.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "lib/client/video_feedback.hpp"
#include "lib/wire/rtcp.hpp"
#include "tests/unit/client/vp8_packet.hpp"

using namespace connectsphere;
using namespace connectsphere::client;

namespace {

constexpr Ssrc kStream{77}, kOwn{5};

// A viewer of one VP8 stream whose frames are one packet each, and that fails to decode what it is told to.
class Viewer {
  public:
    // Whether the frame was handed out.
    bool gets(bool is_key_frame, Time now, bool decodes) {
        decodes_ = decodes;
        const test::Vp8Packet packet(kStream, ++seq_, is_key_frame);
        const auto before = frames_;
        feedback_.on_packet(packet.header, packet.payload.size(), now);
        in_.packet(packet.at(now));
        in_.needs_key_frame(kStream) ? feedback_.want_key_frame(kStream) : feedback_.got_key_frame(kStream);
        return frames_ > before;
    }
    bool asks(Time now) {
        std::array<std::uint8_t, 1200> bytes;
        Writer writer(bytes);
        const auto before = feedback_.key_frames_asked();
        (void)feedback_.write_requests(writer, kOwn, now, 10ms);
        return feedback_.key_frames_asked() > before;
    }

  private:
    bool decodes_ = true;
    int frames_ = 0;
    std::uint16_t seq_ = 0;
    VideoIn in_{[this](Ssrc, const ReceivedVideo&) {
        ++frames_;
        return decodes_;
    }};
    VideoFeedback feedback_;
};

const Time kStart = Time{} + 1h;

}  // namespace

TEST_CASE("who can not decode a whole frame asks for a key frame, once, until it comes") {
    Viewer viewer;
    REQUIRE(viewer.gets(true, kStart, true));
    CHECK_FALSE(viewer.asks(kStart));
    REQUIRE(viewer.gets(false, kStart + 30ms, false));
    CHECK(viewer.asks(kStart + 30ms));
    // What still comes before it is refused too, and changes nothing.
    REQUIRE(viewer.gets(false, kStart + 60ms, false));
    CHECK_FALSE(viewer.asks(kStart + 60ms));
    CHECK(viewer.asks(kStart + 30ms + VideoFeedback::kKeyFrameGap));  // it was lost on its way
    REQUIRE(viewer.gets(true, kStart + 400ms, true));
    CHECK_FALSE(viewer.asks(kStart + 800ms));
}

TEST_CASE("a stream that can never be decoded does not ask for key frames without end") {
    Viewer viewer;
    int asked = 0;
    const auto end = kStart + 3s;
    for (Time now = kStart; now < end; now += 10ms) {
        viewer.gets(true, now, false);
        asked += viewer.asks(now) ? 1 : 0;
    }
    CHECK(asked <= 3s / VideoFeedback::kKeyFrameGap + 1);
}
