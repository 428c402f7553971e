// A room with a camera that sends two VP8 encodings, and somebody who watches it.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/sim/relay/relay_conference.hpp"

namespace connectsphere::test {

constexpr std::size_t kLarge = 5000, kSmall = 1500;  // bytes of a picture: 600 and 180 kbit/s

inline proto::Subscribe wishes(proto::Codec codec = proto::VP8) {
    proto::Subscribe subscribe;
    subscribe.add_codecs(codec);
    return subscribe;
}

// Both encodings of a camera; key frames where the relay has asked for them.
struct Camera {
    Conference& conference;
    Participant& sender;
    std::size_t asked = 0;

    void run(int frames) {
        for (int i = 0; i < frames; ++i) {
            const auto requests = sender.key_frames_asked();
            bool large = false, small = false;
            for (; asked < requests.size(); ++asked) {
                large = large || requests[asked] == sender.camera_ssrc();
                small = small || requests[asked] == sender.small_ssrc();
            }
            sender.send_vp8(0, kLarge, large || count == 0);
            sender.send_vp8(1, kSmall, small || count == 0);
            sender.next_picture();
            ++count;
            for (const auto& each : conference.participants)
                if (count % 4 == 0) each->send_own_report();
            if (count % 15 == 0) sender.send_sender_reports();
            conference.run_for(kFrameTime);
        }
    }
    int count = 0;
};

inline std::vector<std::uint32_t> wanted(Conference& conference, const Participant& sender) {
    std::vector<std::uint32_t> newest;
    for (const auto& message : conference.take_to_gateway()) {
        proto::ServerMessage event;
        if (!message.has_deliver() || message.deliver().session_ids(0) != sender.id().value ||
            !event.ParseFromString(message.deliver().server_message()))
            continue;
        if (event.has_wanted_encodings())
            newest.assign(event.wanted_encodings().ssrcs().begin(), event.wanted_encodings().ssrcs().end());
    }
    return newest;
}

struct Room {
    Conference conference;
    Participant& sender = conference.join();
    Participant& viewer = conference.join();
    Camera camera{conference, sender};

    explicit Room(std::uint64_t seed = 1) : conference(seed) {
        sender.vp8 = true;
        viewer.publishes = false;
        sender.repairs = viewer.repairs = true;
        conference.publish_state();
        conference.subscribe(viewer, wishes());
        conference.everybody_reports();
    }
    void show(std::uint32_t height) {
        auto asked = wishes();
        auto& tile = *asked.add_tiles();
        tile.set_session_id(sender.id().value);
        tile.set_height(height);
        conference.subscribe(viewer, asked);
    }
};

}  // namespace connectsphere::test
