// What the relay reads in a packet before it is forwarded, and writes into it for each receiver.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/id.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/vp8_payload.hpp"
#include "services/video-relay/forwarding.hpp"

namespace connectsphere::relay {

// The payload as far as it says what may be left out.
struct PacketFacts {
    bool starts_key_frame = false;  // a receiver may begin here
    std::uint8_t temporal_layer = 0;
    std::size_t payload_at = 0;  // offset in the packet
    std::optional<wire::Vp8Payload> vp8 = std::nullopt;
};

// Nothing: the payload does not parse as what its payload type says.
std::optional<PacketFacts> facts_of(const wire::RtpView& rtp);

std::optional<PictureNumbers> picture_of(const PacketFacts& facts);

// Rewrites a plain packet for one receiver.
void renumber(MutableBytes packet, const PacketFacts& facts, Ssrc ssrc, const Forwarding::Rewritten& numbers);

}  // namespace connectsphere::relay
