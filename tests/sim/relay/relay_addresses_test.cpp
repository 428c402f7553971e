#include <catch2/catch.hpp>

#include "tests/sim/relay/relay_conference.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

namespace {

double dropped(const Conference& conference, std::string_view reason) {
    return conference.metric_of("video_packets_dropped_total", reason);
}

}  // namespace

TEST_CASE("a receiver gets nothing until the relay has heard from it") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    viewer.publishes = false;
    conference.publish_state();
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(viewer.packets_seen() == 0);
    CHECK(conference.metric_of("video_receivers") == 1);

    viewer.send_receiver_report();
    conference.network.run_for(10ms);
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(viewer.seen(sender).frames == std::vector<std::uint32_t>{1});
}

TEST_CASE("a receiver that roams is followed by its next packet") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    viewer.move_to(*parse_address("10.1.2.3:50123", 0));
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(conference.network.undeliverable() > 0);
    viewer.send_receiver_report();
    conference.network.run_for(10ms);
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(viewer.seen(sender).frames == std::vector<std::uint32_t>{1});
}

TEST_CASE(
    "W1: two senders behind one address with different ports stay two, and W2: one stays when one leaves") {
    Conference conference;
    auto& one = conference.join_at(*parse_address("192.168.7.7:5001", 0));
    auto& two = conference.join_at(*parse_address("192.168.7.7:5002", 0));
    auto& viewer = conference.join();
    conference.everybody_reports();
    conference.run_cameras(5);
    CHECK(viewer.seen(one).frames.size() == 5);
    CHECK(viewer.seen(two).frames.size() == 5);
    CHECK(one.seen(two).frames.size() == 5);
    CHECK(one.seen(one).frames.empty());
    conference.leave(one);
    one.publishes = false;
    conference.run_cameras(5);
    CHECK(viewer.seen(two).frames.size() == 10);
    CHECK(two.packets_seen() > 0);
}

TEST_CASE("a receiver that has been silent for long gets nothing until it is heard again") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    conference.network.run_for(relay::kMaxSilence + 1s);
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(viewer.packets_seen() == 0);
    viewer.send_receiver_report();
    conference.network.run_for(10ms);
    sender.send_frame();
    conference.network.run_for(10ms);
    CHECK(viewer.seen(sender).frames == std::vector<std::uint32_t>{1});
}

TEST_CASE("W3: a stranger's, forged or replayed packet reaches nobody and is counted") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    sender.send_packet(1000);
    conference.network.run_for(10ms);
    REQUIRE(viewer.packets_seen() == 1);
    const Buffer good = sender.last_datagram();
    const Address stranger = *parse_address("10.66.6.6:6666", 0);
    const auto inject = [&](Buffer bytes) {
        conference.network.send({.peer = conference.relay_address, .local = stranger}, bytes);
        conference.network.run_for(10ms);
    };

    SECTION("replayed from elsewhere") {
        inject(good);
        CHECK(dropped(conference, "replayed") == 1);
    }
    SECTION("forged: a bit turned, of a later packet") {
        Buffer forged = good;
        forged[3] = static_cast<std::uint8_t>(forged[3] + 1);
        inject(forged);
        CHECK(dropped(conference, "forged") == 1);
    }
    SECTION("an SSRC that is nobody's") {
        Buffer foreign = good;
        foreign[8] = 0x77;
        inject(foreign);
        CHECK(dropped(conference, "unknown-ssrc") == 1);
    }
    SECTION("no RTP at all, of every length up to an Ethernet frame") {
        for (std::size_t size = 0; size <= 1500; size += 50) inject(Buffer(size, 0xff));
        CHECK(dropped(conference, "malformed") + dropped(conference, "unknown-ssrc") == 31);
    }
    SECTION("every truncation of a good one") {
        for (std::size_t size = 0; size < good.size(); ++size)
            inject({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
        CHECK(dropped(conference, "unsealed") == 0);
    }
    CHECK(viewer.packets_seen() == 1);
    // And the stranger has not become anybody's address.
    sender.send_packet(1000);
    conference.network.run_for(10ms);
    CHECK(viewer.packets_seen() == 2);
    CHECK(conference.network.undeliverable() == 0);
}

TEST_CASE("a camera that is off, a session that left and an SSRC that is not published show nothing") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();

    SECTION("camera off") {
        sender.camera_off = true;
        conference.publish_state();
        sender.send_packet(500);
        conference.network.run_for(10ms);
        CHECK(dropped(conference, "camera-off") == 1);
    }
    SECTION("left") {
        conference.leave(sender);
        sender.send_packet(500);
        conference.network.run_for(10ms);
        CHECK(dropped(conference, "not-a-member") == 1);
    }
    SECTION("nothing published") {
        sender.publishes = false;
        conference.publish_state();
        sender.send_packet(500);
        conference.network.run_for(10ms);
        CHECK(dropped(conference, "unknown-ssrc") == 1);
    }
    CHECK(viewer.packets_seen() == 0);
}

TEST_CASE("sender reports reach the receivers, and receiver reports become figures") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    sender.send_frame();
    conference.network.run_for(10ms);
    sender.send_sender_reports();
    conference.network.run_for(10ms);
    CHECK(viewer.seen(sender).reports == 1);
    CHECK(sender.seen(viewer).reports == 0);

    viewer.send_receiver_report(sender.camera_ssrc());
    conference.network.run_for(10ms);
    CHECK(sender.seen(viewer).reports == 0);
    const auto figures = conference.figures_of(viewer);
    CHECK(figures.loss_ratio() == Approx(0.25));
    CHECK(figures.jitter_seconds() == Approx(0.01));
    CHECK(figures.round_trip_seconds() == Approx(0.002).margin(0.0001));
    CHECK(figures.packets_sent() > 0);
}

TEST_CASE("a hundred streams reach who wants to see them, and every picture is whole") {
    Conference conference;
    auto& viewer = conference.join();
    viewer.publishes = false;
    for (int i = 0; i < 100; ++i) {
        auto& sender = conference.join();
        proto::Subscribe nothing;
        nothing.set_max_streams(0);
        conference.subscribe(sender, nothing);
    }
    conference.everybody_reports();
    conference.run_cameras(3);
    std::size_t whole = 0;
    for (const auto& each : conference.participants) {
        CHECK(viewer.seen(*each).damaged == 0);
        whole += viewer.seen(*each).frames.size();
    }
    CHECK(whole == 300);
    CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
    CHECK(conference.metric_of("video_streams") == 100);
}

TEST_CASE("a JPEG with hostile headers passes, and no receiver shows it or falls") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    viewer.publishes = false;
    conference.publish_state();
    conference.everybody_reports();
    // RFC 2435: type-specific, offset, type, Q, width, height; then whatever they promise.
    for (const char* header :
         {"00000000 00000000", "00000000 01ffffff", "00ffffff 01320101", "00000000 ff320101",
          "00000000 41320101", "00000000 01ff0101 0000ffff", "00"}) {
        std::string hex(header);
        std::erase(hex, ' ');
        Buffer payload = from_hex(hex);
        payload.resize(payload.size() + 900, 0xAA);
        if (hex.size() == 2) payload.resize(1);
        sender.send_payload(payload);
        conference.network.run_for(10ms);
    }
    CHECK(viewer.seen(sender).frames.empty());
    conference.run_cameras(8);  // what can not be read is waited for, as if it were lost
    CHECK(viewer.seen(sender).frames.size() == 8);
}

TEST_CASE("a packet that no receiver would accept is dropped and counted") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    // Its tag is shorter than the viewer's, so that it may send what the viewer could not receive.
    conference.grant(sender, proto::AES_CM_128_HMAC_SHA1_80);
    const auto before = viewer.packets_seen();
    constexpr std::size_t kShortTag = 10;
    const auto fits_all = kMaxDatagramAccepted - wire::kRtpFixedHeaderSize - wire::kSrtpMaxOverhead;
    sender.send_packet(fits_all + 1);
    sender.send_packet(kMaxDatagramAccepted - wire::kRtpFixedHeaderSize - kShortTag);
    conference.network.run_for(10ms);
    CHECK(dropped(conference, "too-long") == 2);
    CHECK(viewer.packets_seen() == before);
}

TEST_CASE("in steady state the relay takes nothing from the heap") {
    Conference conference;
    for (int i = 0; i < 5; ++i) conference.join();
    conference.everybody_reports();
    const auto second = [&] {
        for (int frame = 0; frame < 15; ++frame) {
            for (const auto& each : conference.participants) {
                for (int i = 0; i < 10; ++i) each->send_packet(1100);
                each->send_receiver_report();
                each->send_sender_reports();
            }
            conference.network.run_for(kFrameTime);
        }
    };
    second();  // first packets find their places
    const auto before = conference.relay->media_allocations();
    for (int i = 0; i < 3; ++i) second();
    CHECK(conference.relay->media_allocations() == before);
    CHECK(conference.metric_of("video_packets_sent_total") == 4 * 15 * 5 * 10 * 4);
}
