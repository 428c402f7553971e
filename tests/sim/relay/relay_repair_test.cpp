#include <catch2/catch.hpp>

#include "tests/sim/relay/relay_conference.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

TEST_CASE("with 1 % loss on every way and retransmission, 95 % of the pictures come whole") {
    Conference conference(11);
    conference.network.set_default_link({.loss = 0.01, .delay = 5ms});
    for (int i = 0; i < 4; ++i) conference.join().repairs = true;
    for (int i = 0; i < 3; ++i) conference.everybody_reports();
    conference.run_cameras(100);
    std::size_t whole = 0;
    for (const auto& viewer : conference.participants) {
        for (const auto& other : conference.participants) {
            CHECK(viewer->seen(*other).damaged == 0);
            whole += viewer->seen(*other).frames.size();
        }
    }
    INFO("whole: " << whole << " of 1200");
    CHECK(whole >= 1140);
    CHECK(conference.metric_of("video_packets_repeated_total") > 0);
    CHECK(conference.metric_of("video_nacks_sent_total") > 0);
    CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
}

TEST_CASE("what is sent again is the same datagram, bit by bit") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    viewer.publishes = false;
    viewer.repairs = true;
    conference.publish_state();
    conference.everybody_reports();
    sender.send_packet(500);
    conference.network.run_for(10ms);
    const Buffer first = viewer.last_received();
    // The second is lost, the third shows the hole.
    conference.network.set_default_link({.loss = 1, .delay = 1ms});
    sender.send_packet(600);
    conference.network.run_for(10ms);
    conference.network.set_default_link({.delay = 1ms});
    sender.send_packet(700);
    conference.network.run_for(10ms);
    CHECK(viewer.packets_seen() == 2);
    // Nobody has it: it was lost before the relay. The first, asked for again, is what it was.
    viewer.ask_for(sender, {0});
    conference.network.run_for(10ms);
    CHECK(viewer.packets_seen() == 2);
    CHECK(viewer.last_received() == first);
    CHECK(viewer.unreadable() == 1);  // the replay check knows it
}

TEST_CASE("who asks for everything for ever gets a bounded amount") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    viewer.publishes = false;
    conference.publish_state();
    conference.everybody_reports();
    for (int i = 0; i < 17; ++i) sender.send_packet(1000);
    conference.network.run_for(10ms);
    std::vector<std::uint16_t> all;
    for (std::uint16_t i = 0; i < 17; ++i) all.push_back(i);
    for (int i = 0; i < 100; ++i) viewer.ask_for(sender, all);
    conference.network.run_for(10ms);
    CHECK(conference.metric_of("video_packets_repeated_total") <= relay::kMaxRepeatsAtOnce + 20);
    CHECK(conference.metric_of("video_repeats_refused_total") > 1000);
}
