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
    if (header.payload_type != wire::kPayloadTypeJpeg) return;
    if (!streams_.contains(header.ssrc) && streams_.size() >= kMaxStreams) return;
    const auto frame = streams_[header.ssrc].push(header, packet.rtp.payload);
    if (!frame || !*frame) return;
    wire::write_jpeg((*frame)->frame, jpeg_);
    on_frame_(header.ssrc, (*frame)->timestamp, jpeg_);
}

}  // namespace connectsphere::client
