// What a receiver can take, as the relay finds it out, follows, and finds out again when it changes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/relay/relay_room.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

namespace {

constexpr LinkQuality kLan{.delay = 2ms};

LinkQuality narrow(std::uint64_t bits_per_second) {
    return {.delay = 2ms, .bits_per_second = bits_per_second, .max_queue = 400ms};
}

// Pictures that came while so many were sent.
std::size_t seen_of(Room& room, int frames) {
    const auto before = room.viewer.seen(room.sender).frames.size();
    room.camera.run(frames);
    return room.viewer.seen(room.sender).frames.size() - before;
}

void set_way(Room& room, const LinkQuality& way) {
    room.conference.network.set_link(room.conference.relay_address, room.viewer.address(), way);
}

}  // namespace

TEST_CASE("W15: on a link that becomes narrow the picture becomes small, and large again when it is wide") {
    Room room;
    CHECK(seen_of(room, 60) >= 59);
    set_way(room, narrow(400'000));
    room.camera.run(300);  // 20 s: finds its place
    const auto narrow_frames = seen_of(room, 150);
    CHECK(narrow_frames >= 30);
    set_way(room, kLan);
    room.camera.run(900);  // a minute
    CHECK(seen_of(room, 150) >= 145);
    CHECK(room.viewer.seen(room.sender).sizes.back() == static_cast<int>(kLarge));
    CHECK(room.viewer.seen(room.sender).damaged == 0);
}

TEST_CASE("W15: a link too narrow for any picture turns video off, and it comes back when the link is wide") {
    Room room;
    room.camera.run(60);
    set_way(room, narrow(60'000));
    room.camera.run(600);
    const auto packets = room.viewer.packets_seen();
    room.camera.run(150);
    CHECK(room.viewer.packets_seen() - packets < 150 * 5 / 4);  // tries now and then
    set_way(room, kLan);
    room.camera.run(1200);
    CHECK(seen_of(room, 150) >= 145);
    CHECK(room.viewer.seen(room.sender).damaged == 0);
}

TEST_CASE("a limit that goes up and down a little does not switch the picture all the time") {
    Room room;
    room.camera.run(30);
    for (int i = 0; i < 60; ++i) {  // 24 s; the small one takes 180 kbit/s, the large one's least layer 240
        room.viewer.send_remb(i % 2 == 0 ? 230'000 : 260'000);
        room.camera.run(6);
    }
    CHECK(room.conference.metric_of("video_layer_switches_total") <= 2);
}

TEST_CASE("REMBs without end do not make the relay choose without end") {
    Room room;
    room.camera.run(30);
    const auto asked = room.sender.key_frames_asked().size();
    for (int i = 0; i < 1000; ++i) room.viewer.send_remb(i % 2 == 0 ? 150'000 : 5'000'000);
    room.conference.run_for(50ms);
    CHECK(room.sender.key_frames_asked().size() - asked <= 2);
    CHECK(seen_of(room, 90) >= 60);
}

TEST_CASE("who asks for key frames all the time gets few, and anybody else gets one at once") {
    Room room;
    Participant& other = room.conference.join();
    other.publishes = false;
    other.repairs = true;
    room.conference.publish_state();
    room.conference.subscribe(other, wishes());
    room.conference.everybody_reports();
    room.camera.run(30);
    const auto before = room.sender.key_frames_asked().size();
    for (int i = 0; i < 150; ++i) {  // 10 s
        room.viewer.send_pli(room.sender.camera_ssrc());
        room.camera.run(1);
    }
    const auto after = room.sender.key_frames_asked().size();
    CHECK(after - before >= 3);
    CHECK(after - before <= 13);
    room.conference.run_for(relay::kKeyFrameGap);
    const auto quiet = room.sender.key_frames_asked().size();
    other.send_pli(room.sender.camera_ssrc());
    room.conference.run_for(10ms);
    CHECK(room.sender.key_frames_asked().size() == quiet + 1);
}

TEST_CASE("a report of another's stream behind one's own is not believed") {
    Conference conference;
    auto& sender = conference.join();
    auto& liar = conference.join();
    auto& viewer = conference.join();
    conference.everybody_reports();
    sender.send_frame();
    liar.send_frame();
    conference.network.run_for(10ms);
    sender.send_sender_reports();
    conference.network.run_for(10ms);
    liar.send_claim(sender.camera_ssrc());
    conference.network.run_for(10ms);
    CHECK(viewer.seen(sender).reports == 1);
    CHECK(viewer.seen(liar).reports == 1);
    viewer.send_receiver_report(sender.camera_ssrc());
    conference.network.run_for(10ms);
    CHECK(conference.figures_of(liar).round_trip_seconds() == 0);
}

TEST_CASE("all reports of a compound reach the receivers") {
    Room room;
    room.camera.run(20);
    room.show(180);  // the small one's report is the second
    room.camera.run(20);
    const auto before = room.viewer.seen(room.sender).reports;
    room.sender.send_sender_reports();
    room.conference.run_for(10ms);
    CHECK(room.viewer.seen(room.sender).reports == before + 1);
}

TEST_CASE("the rest of a frame that can not come whole any more is left out") {
    Conference conference;
    auto& sender = conference.join();  // does not send again what was lost
    auto& viewer = conference.join();
    conference.everybody_reports();
    const auto way = [&](double loss) {
        conference.network.set_link(sender.address(), conference.relay_address, {.loss = loss, .delay = 1ms});
    };
    sender.send_packet(500);
    sender.send_part(500);
    conference.run_for(10ms);
    way(1);
    sender.send_part(500);
    conference.run_for(10ms);
    way(0);
    sender.send_part(500);
    conference.run_for(1s);  // asked for, and given up
    const auto before = viewer.packets_seen();
    for (int i = 0; i < 5; ++i) sender.send_part(500);
    sender.send_packet(500);  // ends it
    conference.run_for(10ms);
    CHECK(viewer.packets_seen() == before);
    CHECK(conference.metric_of("video_packets_dropped_total", "broken") == 6);
    sender.send_packet(500);  // the next frame
    conference.run_for(10ms);
    CHECK(viewer.packets_seen() == before + 1);
}

TEST_CASE("status can tell what became of each stream") {
    Room room;
    Participant& other = room.conference.join();
    other.publishes = false;
    other.repairs = true;
    room.conference.publish_state();
    room.conference.subscribe(other, wishes());
    room.conference.everybody_reports();
    room.camera.run(15);
    room.viewer.send_remb(400'000);
    room.camera.run(15);
    const auto of_large = [&](std::string_view name) {
        return room.conference.metric_of(name, std::to_string(room.sender.camera_ssrc().value));
    };
    CHECK(of_large("video_stream_receivers") == 2);
    CHECK(of_large("video_stream_forwarded_total") == room.conference.metric_of("video_packets_sent_total"));
    CHECK(of_large("video_stream_thinned_total") == room.conference.metric_of("video_thinned_packets_total"));
    CHECK(of_large("video_stream_thinned_total") > 0);
    CHECK(of_large("video_stream_key_frames_asked_total") > 0);
    CHECK(of_large("video_stream_repeated_total") == 0);
    const auto of_small = [&](std::string_view name) {
        return room.conference.metric_of(name, std::to_string(room.sender.small_ssrc().value));
    };
    CHECK(of_small("video_stream_receivers") == 0);
    CHECK(of_small("video_stream_forwarded_total") == 0);
}
