#include "services/audio-mixer/mix_sender.hpp"

#include <algorithm>

#include "lib/media/pcm.hpp"

namespace connectsphere::mixer {

void MixSender::send(MediaSession& to, Bytes payload, std::uint32_t timestamp, DatagramBatch& out,
                     Counters& counters) {
    if (payload.empty() || !to.reachable() || !ssrc_) return;
    const std::size_t plain = wire::kRtpFixedHeaderSize + payload.size();
    const MutableBytes packet = out.claim(plain + wire::kSrtpMaxOverhead);
    if (packet.empty()) {
        ++counters.unsent;
        return;
    }
    wire::RtpHeader header;
    header.marker = !started_ || timestamp != timestamp_ + media::kFrame;
    header.payload_type = wire::kPayloadTypeOpus;
    header.seq = seq_++;
    header.timestamp = timestamp;
    header.ssrc = ssrc_;
    wire::write_rtp_header(packet, header);
    std::ranges::copy(payload, packet.begin() + wire::kRtpFixedHeaderSize);
    const auto size = to.to_client->protect_rtp(packet.first(plain), packet);
    if (!size) return;
    out.commit(*to.route, *size);
    started_ = true;
    timestamp_ = timestamp;
    ++packets_;
    payload_bytes_ += payload.size();
    ++counters.packets_out;
}

}  // namespace connectsphere::mixer
