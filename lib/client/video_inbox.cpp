#include "lib/client/video_inbox.hpp"

#include <algorithm>
#include <vector>

namespace connectsphere::client {

void VideoInbox::packet(const MediaLink::Packet& packet, std::size_t packet_bytes) {
    const Ssrc ssrc = packet.rtp.header.ssrc;
    if (!in_.streams().contains(ssrc)) {
        if (std::ranges::find(gone_, ssrc) != gone_.end()) return;
        // The server sends fewer at a time than we hold, but may choose others every moment.
        const auto oldest = feedback_.longest_silent();
        if (in_.streams().size() == VideoIn::kMaxStreams && oldest) forget(*oldest);
    }
    feedback_.on_packet(packet.rtp.header, packet_bytes, packet.arrival);
    in_.packet(packet);
    in_.needs_key_frame(ssrc) ? feedback_.want_key_frame(ssrc) : feedback_.got_key_frame(ssrc);
}

void VideoInbox::update(const proto::Room& room, bool is_whole) {
    std::set<Ssrc> present;
    for (const auto& participant : room.participants())
        for (const auto& stream : participant.streams())
            for (const auto& encoding : stream.encodings()) present.insert({encoding.ssrc()});
    for (const Ssrc ssrc : std::exchange(present_, std::move(present))) {
        if (present_.contains(ssrc)) continue;
        forget(ssrc);
        gone_.push_back(ssrc);
        if (gone_.size() > kMaxGone) gone_.pop_front();
    }
    std::erase_if(gone_, [this](Ssrc ssrc) { return present_.contains(ssrc); });
    if (!is_whole) return;
    std::vector<Ssrc> strangers;
    for (const auto& [ssrc, stream] : in_.streams())
        if (!present_.contains(ssrc)) strangers.push_back(ssrc);
    for (const Ssrc ssrc : strangers) forget(ssrc);
}

void VideoInbox::restart() {
    in_.restart();
    feedback_.restart();
}

void VideoInbox::forget(Ssrc ssrc) {
    in_.forget(ssrc);
    feedback_.forget(ssrc);
}

}  // namespace connectsphere::client
