#include "lib/client/media_in.hpp"

namespace connectsphere::client {

void AudioIn::packet(const MediaLink::Packet& packet) {
    const auto& header = packet.rtp.header;
    if (header.payload_type != wire::kPayloadTypeOpus) return;
    receiver_->push({.seq = seq_.unwrap(header.seq),
                     .timestamp = timestamp_.unwrap(header.timestamp),
                     .payload = packet.rtp.payload,
                     .arrival = packet.arrival});
}

void AudioIn::restart() {
    receiver_.emplace();
    seq_ = {};
    timestamp_ = {};
}

void VideoIn::packet(const MediaLink::Packet& packet) {
    const auto& header = packet.rtp.header;
    if (!streams_.contains(header.ssrc) && streams_.size() >= kMaxStreams) return;
    streams_[header.ssrc].push(header, packet.rtp.payload,
                               [&](const ReceivedVideo& frame) { on_frame_(header.ssrc, frame); });
}

bool VideoIn::needs_key_frame(Ssrc ssrc) const {
    const auto found = streams_.find(ssrc);
    return found != streams_.end() && found->second.needs_key_frame();
}

}  // namespace connectsphere::client
