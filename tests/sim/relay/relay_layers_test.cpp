#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <numeric>

#include "tests/sim/relay/relay_room.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

TEST_CASE("a viewer begins at a key frame, which is asked for at once, and sees all layers") {
    Room room;
    room.camera.run(20);
    const Seen& seen = room.viewer.seen(room.sender);
    CHECK(seen.frames.size() >= 19);
    CHECK(std::ranges::all_of(seen.sizes, [](int size) { return size == static_cast<int>(kLarge); }));
    CHECK(room.sender.key_frames_asked().size() <= 2);
}

TEST_CASE("a wish that comes before the news of the room counts") {
    Conference conference;
    Participant& sender = conference.join();
    Participant& viewer = conference.join();
    sender.vp8 = true;
    viewer.publishes = false;
    sender.repairs = viewer.repairs = true;
    conference.subscribe(viewer, wishes());
    conference.publish_state();
    conference.everybody_reports();
    Camera{conference, sender}.run(20);
    CHECK(viewer.seen(sender).frames.size() >= 19);
}

TEST_CASE("other requests of the plane are answered too") {
    Room room;
    (void)room.conference.take_to_gateway();
    proto::ClientMessage asked;
    asked.mutable_receive_video_at()->set_port(5004);
    room.conference.ask(room.viewer, asked);
    const auto answers = room.conference.take_to_gateway();
    REQUIRE(answers.size() == 1);
    proto::ServerMessage reply;
    REQUIRE(reply.ParseFromString(answers[0].answer().server_message()));
    CHECK(reply.has_done());
}

TEST_CASE("the size follows the tile, at a key frame, in one stream without a seam") {
    Room room;
    room.camera.run(20);
    room.show(180);
    room.camera.run(20);
    room.show(360);
    room.camera.run(20);
    const Seen& seen = room.viewer.seen(room.sender);
    CHECK(seen.frames.size() >= 58);
    CHECK(std::ranges::is_sorted(seen.frames));
    CHECK(std::ranges::count(seen.sizes, static_cast<int>(kSmall)) >= 17);
    CHECK(room.conference.metric_of("video_layer_switches_total") == 2);
}

TEST_CASE("senders are told what somebody needs, and no more") {
    Room room;
    CHECK(wanted(room.conference, room.sender) ==
          std::vector<std::uint32_t>{room.sender.camera_ssrc().value});
    room.camera.run(4);
    room.show(180);
    CHECK(wanted(room.conference, room.sender).size() == 2);  // until the small one has its key frame
    room.camera.run(6);
    CHECK(wanted(room.conference, room.sender) == std::vector<std::uint32_t>{room.sender.small_ssrc().value});
    room.show(0);
    CHECK(wanted(room.conference, room.sender).empty());
}

TEST_CASE("a hidden tile, and what is beyond the number asked for, is not sent") {
    Room room;
    room.camera.run(4);
    room.show(0);
    const auto before = room.viewer.packets_seen();
    room.camera.run(5);
    CHECK(room.viewer.packets_seen() == before);
    auto none = wishes();
    none.set_max_streams(0);
    room.conference.subscribe(room.viewer, none);
    room.camera.run(5);
    CHECK(room.viewer.packets_seen() == before);
}

TEST_CASE("W15: who wants few pictures gets those who spoke last, and named tiles before them") {
    Conference conference;
    for (int i = 0; i < 6; ++i) conference.join();
    auto& viewer = *conference.participants.back();
    conference.everybody_reports();
    proto::Subscribe few;
    few.add_codecs(proto::JPEG);
    few.set_max_streams(2);
    conference.subscribe(viewer, few);
    const auto shown = [&] {
        std::map<std::uint64_t, std::size_t> before;
        for (const auto& each : conference.participants)
            before[each->id().value] = viewer.seen(*each).frames.size();
        conference.run_cameras(3);
        std::vector<std::uint64_t> ids;
        for (const auto& each : conference.participants)
            if (viewer.seen(*each).frames.size() > before[each->id().value]) ids.push_back(each->id().value);
        return ids;
    };
    CHECK(shown() == std::vector<std::uint64_t>{1, 2});
    conference.say_who_spoke({SessionId{5}, SessionId{6}, SessionId{3}, SessionId{1}});  // 6 is the viewer
    CHECK(shown() == std::vector<std::uint64_t>{3, 5});
    auto& tile = *few.add_tiles();
    tile.set_session_id(2);
    tile.set_height(180);
    conference.subscribe(viewer, few);
    CHECK(shown() == std::vector<std::uint64_t>{2, 5});
    conference.say_who_spoke({SessionId{4}, SessionId{5}});
    CHECK(shown() == std::vector<std::uint64_t>{2, 4});
    // Another room's speakers are nobody here.
    conference.say_who_spoke({SessionId{1}}, RoomId{2});
    CHECK(shown() == std::vector<std::uint64_t>{2, 4});
}

TEST_CASE("who can not decode what is sent gets nothing of it") {
    Room room;
    room.conference.subscribe(room.viewer, wishes(proto::H264));
    room.camera.run(5);
    CHECK(room.viewer.packets_seen() == 0);
}

TEST_CASE("a REMB thins layers first, then the size, then turns video off") {
    Room room;
    room.camera.run(30);
    const auto frames_with = [&](double bits) {
        const auto before = room.viewer.seen(room.sender).frames.size();
        for (int i = 0; i < 5; ++i) {
            room.viewer.send_remb(bits);
            room.camera.run(6);
        }
        return room.viewer.seen(room.sender).frames.size() - before;
    };
    // The large one takes 600 kbit/s, the small one 180.
    CHECK(frames_with(5'000'000) >= 29);
    const auto thinned = frames_with(400'000);
    CHECK(thinned >= 12);
    CHECK(thinned <= 22);
    CHECK(room.viewer.seen(room.sender).sizes.back() == static_cast<int>(kLarge));
    CHECK(frames_with(250'000) >= 6);
    (void)frames_with(140'000);
    CHECK(room.viewer.seen(room.sender).sizes.back() == static_cast<int>(kSmall));
    (void)frames_with(31'000);
    CHECK(frames_with(31'000) == 0);
    CHECK(room.conference.metric_of("video_thinned_packets_total") > 0);
}

TEST_CASE("W15: a receiver on a narrow link gets fewer pictures, and ten beside it all of them") {
    Conference conference(5);
    auto& sender = conference.join();
    for (int i = 0; i < 11; ++i) conference.join().publishes = false;
    for (const auto& each : conference.participants) each->repairs = true;
    auto& slow = *conference.participants.back();
    conference.publish_state();
    conference.network.set_link(conference.relay_address, slow.address(),
                                {.delay = 2ms, .bits_per_second = 1'000'000, .max_queue = 300ms});
    conference.everybody_reports();
    conference.run_cameras(150);  // finds its place
    const auto before = slow.seen(sender).frames.size();
    conference.run_cameras(150);
    INFO("slow: " << slow.seen(sender).frames.size() - before << " of 150, sent "
                  << conference.figures_of(slow).packets_sent());
    CHECK(slow.seen(sender).frames.size() - before >= 20);
    CHECK(slow.seen(sender).damaged == 0);
    for (std::size_t i = 1; i <= 10; ++i)
        CHECK(conference.participants[i]->seen(sender).frames.size() == 300);
}

TEST_CASE("no picture lacks what it needs, whatever is lost, thinned or switched on the way") {
    const struct {
        const char* what;
        LinkQuality way;
        bool narrows;          // the receiver's limit goes up and down
        std::size_t at_least;  // of 300 pictures
    } rows[] = {
        {"nothing lost", {.delay = 5ms}, false, 299},
        {"5 %", {.loss = 0.05, .delay = 5ms, .jitter = 10ms}, false, 290},
        {"20 %", {.loss = 0.20, .delay = 20ms}, false, 50},
        {"5 %, reordering", {.loss = 0.05, .reorder = 0.1, .delay = 5ms, .reorder_hold = 30ms}, false, 290},
        {"thinned and switched", {.delay = 5ms}, true, 100},
        {"thinned and switched with 5 %", {.loss = 0.05, .delay = 5ms, .jitter = 10ms}, true, 80},
        {"thinned and switched with 20 %", {.loss = 0.2, .delay = 5ms}, true, 40},
    };
    for (const auto& row : rows) {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            INFO(row.what << ", seed " << seed);
            Room room(seed);
            room.conference.network.set_default_link(row.way);
            constexpr std::array<double, 7> kLimits{5e6, 400e3, 250e3, 140e3, 300e3, 450e3, 5e6};
            for (int i = 0; i < 50; ++i) {
                if (row.narrows && i % 2 == 0)
                    room.viewer.send_remb(kLimits[static_cast<std::size_t>(i / 4) % kLimits.size()]);
                room.camera.run(6);
            }
            const Seen& seen = room.viewer.seen(room.sender);
            CHECK(seen.damaged == 0);
            CHECK(seen.frames.size() >= row.at_least);
        }
    }
}
