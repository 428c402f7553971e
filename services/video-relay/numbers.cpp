#include "services/video-relay/numbers.hpp"

#include "lib/wire/h264_payload.hpp"

namespace connectsphere::relay {

std::optional<PacketFacts> facts_of(const wire::RtpView& rtp) {
    PacketFacts facts;
    facts.payload_at = rtp.header_size;
    switch (rtp.header.payload_type) {
        case wire::kPayloadTypeVp8: {
            const auto vp8 = wire::parse_vp8_payload(rtp.payload);
            if (!vp8) return std::nullopt;
            facts.starts_key_frame = vp8->starts_key_frame();
            facts.temporal_layer = vp8->descriptor.temporal_layer.value_or(0);
            facts.vp8 = *vp8;
            return facts;
        }
        case wire::kPayloadTypeH264: {
            const auto h264 = wire::parse_h264_payload(rtp.payload);
            if (!h264) return std::nullopt;
            facts.starts_key_frame = wire::starts_h264_key_frame(*h264);
            return facts;
        }
        default:
            // JPEG: every frame is a key frame, and begins with the fragment at offset 0 (RFC 2435
            // section 3.1). The rest of its headers are the receiver's to check.
            facts.starts_key_frame =
                rtp.payload.size() >= 4 && rtp.payload[1] == 0 && rtp.payload[2] == 0 && rtp.payload[3] == 0;
            return facts;
    }
}

std::optional<PictureNumbers> picture_of(const PacketFacts& facts) {
    if (!facts.vp8 || !facts.vp8->descriptor.picture_id) return std::nullopt;
    return PictureNumbers{.picture_id = *facts.vp8->descriptor.picture_id,
                          .tl0_index = facts.vp8->descriptor.tl0_index.value_or(0)};
}

void renumber(MutableBytes packet, const PacketFacts& facts, Ssrc ssrc,
              const Forwarding::Rewritten& numbers) {
    wire::set_seq(packet, numbers.seq);
    wire::set_timestamp(packet, numbers.timestamp);
    wire::set_ssrc(packet, ssrc);
    if (facts.vp8) {
        wire::set_vp8_numbers(packet.subspan(facts.payload_at), *facts.vp8, numbers.picture.picture_id,
                              numbers.picture.tl0_index);
    }
}

}  // namespace connectsphere::relay
