#include <catch2/catch.hpp>

#include "tests/sim/relay/relay_conference.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

TEST_CASE("W14: JPEG pictures come whole by retransmission, whatever the ways lose") {
    const struct {
        const char* what;
        LinkQuality way;
        std::size_t at_least;  // of 1,200 pictures
    } rows[] = {
        {"1 %", {.loss = 0.01, .delay = 5ms}, 1190},
        {"5 %", {.loss = 0.05, .delay = 5ms}, 1180},
        {"5 %, jitter", {.loss = 0.05, .delay = 5ms, .jitter = 10ms}, 1170},
        {"5 %, reordering", {.loss = 0.05, .reorder = 0.05, .delay = 5ms, .reorder_hold = 8ms}, 1170},
        {"10 %", {.loss = 0.10, .delay = 5ms}, 1080},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        Conference conference(11);
        conference.network.set_default_link(row.way);
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
        CHECK(whole >= row.at_least);
        CHECK(conference.metric_of("video_packets_repeated_total") > 0);
        CHECK(conference.metric_of("video_nacks_sent_total") > 0);
        CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
        // Loss by chance is none of a link that is too narrow.
        CHECK(conference.metric_of("video_thinned_packets_total") == 0);
    }
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
