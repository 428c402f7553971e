// A key has a bounded number of places for SSRCs: people come and go for longer than they last.
#include <catch2/catch.hpp>

#include "tests/sim/relay/relay_conference.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

namespace {

Address address_of(int sender) {
    return *parse_address(
        "10.0." + std::to_string(sender / 250) + "." + std::to_string(sender % 250 + 1) + ":40000", 0);
}

// What its sender shows reaches the viewer at once, with the keys of the moment.
bool is_seen(Conference& conference, Participant& sender, Participant& viewer) {
    const auto before = viewer.packets_seen();
    sender.send_receiver_report();
    viewer.send_receiver_report();
    conference.network.run_for(5ms);
    sender.send_packet(200);
    conference.network.run_for(5ms);
    return viewer.packets_seen() > before;
}

}  // namespace

TEST_CASE("a receiver sees whoever comes, however many came and went before") {
    for (const int senders : {300, 1500}) {
        Conference conference;
        auto& viewer = conference.join();
        viewer.publishes = false;
        int seen = 0, renewed = 0;
        for (int i = 0; i < senders; ++i) {
            auto& sender = conference.join_at(address_of(i));
            renewed += conference.renew_keys();
            seen += is_seen(conference, sender, viewer) ? 1 : 0;
            conference.leave(sender);
        }
        INFO(senders << " senders");
        CHECK(seen == senders);
        CHECK(viewer.unreadable() == 0);
        CHECK(renewed >= senders / static_cast<int>(relay::kMaxForwardings));
        CHECK(renewed <= senders / static_cast<int>(relay::kFewPlacesLeft));
        CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
        CHECK(conference.metric_of("video_forwardings") <= relay::kMaxForwardings);
    }
}

TEST_CASE("a member who publishes 1,500 times blinds neither the others nor himself") {
    Conference conference;
    auto& viewer = conference.join();
    auto& sender = conference.join();
    int seen = 0;
    for (sender.publication = 1; sender.publication <= 1500; ++sender.publication) {
        conference.publish_state();
        conference.renew_keys();
        seen += is_seen(conference, sender, viewer) ? 1 : 0;
    }
    CHECK(seen == 1500);
    CHECK(conference.metric_of("video_packets_dropped_total", "full") == 0);
    CHECK(is_seen(conference, viewer, sender));
}

TEST_CASE("while nobody renews its keys a receiver keeps what it sees, and the relay asks again") {
    constexpr int kNewcomers = relay::kMaxForwardings + 10;
    Conference conference;
    auto& viewer = conference.join();
    viewer.publishes = false;
    auto& old = conference.join();
    for (int i = 0; i < kNewcomers; ++i) conference.leave(conference.join_at(address_of(i)));
    constexpr std::size_t kToNewcomers = kNewcomers;  // each was given the old one
    CHECK(conference.metric_of("video_forwardings") == 2 * relay::kMaxForwardings + kToNewcomers);
    CHECK(is_seen(conference, old, viewer));
    auto& newcomer = conference.join_at(address_of(1000));
    CHECK_FALSE(is_seen(conference, newcomer, viewer));

    conference.take_to_gateway();
    conference.network.run_for(relay::kRenewGap);
    CHECK(conference.renew_keys() == 2);
    CHECK(is_seen(conference, newcomer, viewer));
    CHECK(is_seen(conference, old, viewer));
}

TEST_CASE("a receiver gets no more streams at a time than clients hold") {
    Conference conference;
    auto& viewer = conference.join();
    for (std::size_t i = 0; i < relay::Wishes::kMaxStreams + 20; ++i)
        conference.join_at(address_of(static_cast<int>(i)));
    conference.everybody_reports();
    for (std::size_t i = 1; i < conference.participants.size(); ++i)
        conference.participants[i]->send_packet(100);
    conference.network.run_for(20ms);
    CHECK(viewer.packets_seen() == relay::Wishes::kMaxStreams);
    CHECK(conference.renew_keys() == 0);
}
