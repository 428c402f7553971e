// Streams come and go for longer than a client has places for them.
#include "lib/client/video_inbox.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "lib/wire/rtcp.hpp"
#include "tests/unit/client/vp8_packet.hpp"

using namespace connectsphere;
using namespace connectsphere::client;

namespace {

constexpr Ssrc kOwn{5};
const Time kStart = Time{} + 1h;

// A viewer in a room whose streams are one VP8 frame a packet.
class Room {
  public:
    // What signaling says: these streams are there, and no others.
    void has(const std::vector<std::uint32_t>& ssrcs, bool is_whole = false) {
        proto::Room room;
        for (const auto ssrc : ssrcs) {
            auto& stream = *room.add_participants()->add_streams();
            stream.set_kind(proto::VIDEO);
            stream.add_encodings()->set_ssrc(ssrc);
        }
        inbox.update(room, is_whole);
    }
    // Whether it was shown.
    bool shows(std::uint32_t ssrc, bool is_key_frame = true) {
        const test::Vp8Packet packet({ssrc}, ++seq_, is_key_frame);
        const auto before = shown_;
        inbox.packet(packet.at(now), packet.payload.size());
        return shown_ > before;
    }
    // Who is named in the next report.
    std::vector<std::uint32_t> report() {
        Writer writer(bytes_);
        inbox.feedback().write_report(writer, kOwn, now);
        auto compound = wire::parse_rtcp(writer.written());
        REQUIRE(compound);
        std::vector<std::uint32_t> named;
        const auto packet = compound->next();
        const auto& blocks = std::get<wire::ReceiverReport>(packet.value()).blocks;
        for (std::size_t i = 0; i < blocks.size(); ++i) named.push_back(blocks[i].ssrc.value);
        return named;
    }
    bool asks_for_key_frame() {
        Writer writer(bytes_);
        const auto before = inbox.feedback().key_frames_asked();
        (void)inbox.feedback().write_requests(writer, kOwn, now, 10ms);
        return inbox.feedback().key_frames_asked() > before;
    }

    Time now = kStart;
    VideoInbox inbox{[this](Ssrc, const ReceivedVideo&) {
        ++shown_;
        return true;
    }};

  private:
    int shown_ = 0;
    std::uint16_t seq_ = 0;
    std::array<std::uint8_t, 1200> bytes_{};
};

}  // namespace

TEST_CASE("whoever comes is shown and reported, however many came and went before") {
    constexpr std::uint32_t kStays = 7;
    for (const std::uint32_t senders : {300U, 1500U}) {
        INFO(senders << " senders");
        Room room;
        int shown = 0;
        for (std::uint32_t ssrc = 100; ssrc < 100 + senders; ++ssrc, room.now += 100ms) {
            room.has({kStays, ssrc});
            shown += room.shows(kStays) && room.shows(ssrc) ? 1 : 0;
            CHECK(room.report() == std::vector<std::uint32_t>{kStays, ssrc});
        }
        CHECK(shown == static_cast<int>(senders));
        CHECK(room.inbox.in().streams().size() == 2);
        CHECK(room.inbox.in().total().frames == 2 * senders);
    }
}

TEST_CASE("who left while a key frame was awaited is not asked any more, and holds nothing") {
    Room room;
    room.has({8});
    CHECK_FALSE(room.shows(8, false));
    CHECK(room.asks_for_key_frame());
    room.has({});
    for (const auto end = room.now + 10s; room.now < end; room.now += 100ms)
        CHECK_FALSE(room.asks_for_key_frame());
    CHECK_FALSE(room.shows(8));  // it was on its way
    CHECK(room.inbox.in().streams().empty());
    CHECK(room.report().empty());
    room.has({8});
    CHECK(room.shows(8));
}

TEST_CASE("who is silent is asked for key frames for two seconds, and again when he is back") {
    Room room;
    room.has({8});
    CHECK_FALSE(room.shows(8, false));
    int asked = 0;
    for (const auto end = room.now + 20s; room.now < end; room.now += 100ms)
        asked += room.asks_for_key_frame() ? 1 : 0;
    CHECK(asked == VideoFeedback::kSilence / VideoFeedback::kKeyFrameGap + 1);
    CHECK(room.report() == std::vector<std::uint32_t>{8});  // it may be the network that is silent
    CHECK_FALSE(room.shows(8, false));
    CHECK(room.asks_for_key_frame());
}

TEST_CASE("a picture that is faster than the news of its sender is shown, and goes on") {
    Room room;
    CHECK(room.shows(8));
    room.has({9});  // somebody else's news
    CHECK(room.shows(8, false));
    room.has({8, 9});
    CHECK(room.shows(8, false));
}

TEST_CASE("who came and went unseen is forgotten with the next whole room") {
    Room room;
    CHECK(room.shows(8));
    CHECK(room.shows(9));
    room.has({9}, true);
    CHECK(room.inbox.in().streams().size() == 1);
    CHECK(room.shows(9, false));
}

TEST_CASE("where more are chosen in turn than there are places, the longest silent makes room") {
    Room room;
    std::vector<std::uint32_t> everybody;
    for (std::uint32_t ssrc = 1; ssrc <= 1000; ++ssrc) everybody.push_back(ssrc);
    room.has(everybody);
    int shown = 0;
    for (const auto ssrc : everybody) {
        room.now += 10ms;
        shown += room.shows(1) && (ssrc == 1 || room.shows(ssrc)) ? 1 : 0;
    }
    CHECK(shown == 1000);
    CHECK(room.inbox.in().streams().size() == VideoIn::kMaxStreams);
}
