#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "tests/sim/relay_conference.hpp"

using namespace connectsphere;
using namespace connectsphere::testing;

namespace {

void join_five(Conference& conference) {
    for (int i = 0; i < 5; ++i) conference.join();
    conference.everybody_reports();
}

bool is_rising(const std::vector<std::uint32_t>& frames) {
    return std::ranges::adjacent_find(frames, std::greater_equal<>{}) == frames.end();
}

std::vector<std::uint32_t> frames(std::uint32_t first, std::uint32_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), first);
    return all;
}

}  // namespace

TEST_CASE("each of five sees every picture of the four others in order, and never its own") {
    Conference conference;
    join_five(conference);
    conference.run_cameras(30);
    for (const auto& viewer : conference.participants) {
        for (const auto& other : conference.participants) {
            const Seen& seen = viewer->seen(*other);
            CHECK(seen.damaged == 0);
            CHECK(seen.frames == (viewer == other ? frames(0, 0) : frames(0, 30)));
        }
        CHECK(viewer->unreadable() == 0);
    }
}

TEST_CASE("the other room's pictures stay there") {
    Conference conference;
    auto& here = conference.join();
    auto& there = conference.join(RoomId{2});
    auto& beside = conference.join();
    conference.everybody_reports();
    conference.run_cameras(5);
    CHECK(here.seen(beside).frames.size() == 5);
    CHECK(here.seen(there).frames.empty());
    CHECK(there.packets_seen() == 0);
}

TEST_CASE("with 5 % loss no picture is corrupt and at least a quarter come whole") {
    Conference conference(7);
    // 2.5 % each way are 5 % end to end.
    conference.network.set_default_link({.loss = 0.025, .delay = 10ms});
    join_five(conference);
    for (int i = 0; i < 3; ++i) conference.everybody_reports();
    conference.run_cameras(60);
    std::size_t whole = 0;
    for (const auto& viewer : conference.participants) {
        for (const auto& other : conference.participants) {
            const Seen& seen = viewer->seen(*other);
            CHECK(seen.damaged == 0);
            CHECK(is_rising(seen.frames));
            whole += seen.frames.size();
        }
    }
    INFO("whole: " << whole << " of 1200");
    CHECK(whole >= 300);
}

TEST_CASE("jitter, reordering and duplication do no harm") {
    Conference conference(3);
    conference.network.set_default_link(
        {.duplicate = 0.05, .reorder = 0.05, .delay = 10ms, .jitter = 8ms, .reorder_hold = 4ms});
    join_five(conference);
    conference.run_cameras(30);
    for (const auto& viewer : conference.participants) {
        for (const auto& other : conference.participants) {
            const Seen& seen = viewer->seen(*other);
            CHECK(seen.damaged == 0);
            CHECK(is_rising(seen.frames));
            if (viewer != other) CHECK(seen.frames.size() >= 28);
        }
    }
    // Overtaken packets are forwarded as well: none is refused for coming late.
    CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
    CHECK(conference.metric_of("video_packets_dropped_total", "replayed") > 0);
}

TEST_CASE("a sender with new keys goes on without a seam, a receiver with new keys begins anew") {
    Conference conference;
    auto& sender = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    conference.run_cameras(5);
    SECTION("the sender's") { conference.grant(sender); }
    SECTION("the receiver's") { conference.grant(viewer); }
    SECTION("both") {
        conference.grant(viewer);
        conference.grant(sender);
    }
    conference.everybody_reports();
    conference.run_cameras(5);
    CHECK(viewer.seen(sender).frames == frames(0, 10));
    CHECK(sender.seen(viewer).frames == frames(0, 10));
    CHECK(viewer.unreadable() == 0);
}

TEST_CASE("a relay that was restarted gives pictures again as soon as it has state and keys") {
    Conference conference;
    join_five(conference);
    conference.run_cameras(3);
    conference.restart_relay();
    CHECK(conference.relay->hello().held_epochs().empty());
    conference.publish_state();
    for (const auto& participant : conference.participants) conference.grant(*participant);
    CHECK(conference.relay->hello().held_epochs_size() == 5);
    conference.everybody_reports();
    conference.run_cameras(3);
    for (const auto& viewer : conference.participants)
        for (const auto& other : conference.participants)
            if (viewer != other) CHECK(viewer->seen(*other).frames == frames(0, 6));
}

TEST_CASE("who leaves and comes back under its key sees and is seen again") {
    Conference conference;
    auto& one = conference.join();
    auto& two = conference.join();
    conference.everybody_reports();
    conference.run_cameras(3);
    two.publishes = false;  // publishes nothing for a while
    conference.publish_state();
    conference.run_cameras(3);
    two.publishes = true;
    conference.publish_state();
    conference.run_cameras(3);
    CHECK(two.seen(one).frames == frames(0, 9));
    CHECK(one.seen(two).frames == frames(0, 6));
    CHECK(conference.metric_of("video_packets_dropped_total", "unsealed") == 0);
}
