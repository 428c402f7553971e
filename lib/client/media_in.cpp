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
                               [&](const ReceivedVideo& frame) { take(header.ssrc, frame); });
}

void VideoIn::take(Ssrc ssrc, const ReceivedVideo& frame) {
    if (frame.is_key_frame) refused_.erase(ssrc);
    const bool is_shown = on_frame_(ssrc, frame);
    // The next JPEG needs none before it.
    if (!is_shown && frame.codec != proto::JPEG) refused_.insert(ssrc);
}

bool VideoIn::needs_key_frame(Ssrc ssrc) const {
    const auto found = streams_.find(ssrc);
    return found != streams_.end() && (found->second.needs_key_frame() || refused_.contains(ssrc));
}

VideoReceiver::Stats VideoIn::total() const {
    auto total = forgotten_;
    for (const auto& [ssrc, stream] : streams_) total += stream.stats();
    return total;
}

void VideoIn::forget(Ssrc ssrc) {
    if (const auto found = streams_.find(ssrc); found != streams_.end()) {
        forgotten_ += found->second.stats();
        streams_.erase(found);
    }
    refused_.erase(ssrc);
}

void VideoIn::restart() {
    forgotten_ = total();
    streams_.clear();
    refused_.clear();
}

}  // namespace connectsphere::client
