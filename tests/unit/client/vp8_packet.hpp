// A VP8 frame in one packet.
#pragma once

#include <array>
#include <cstdint>

#include "lib/client/media_link.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::test {

struct Vp8Packet {
    Vp8Packet(Ssrc ssrc, std::uint16_t seq, bool is_key_frame)
        // RFC 7741: a partition starts here; RFC 6386 section 9.1: the lowest bit says that it is no key
        // frame.
        : payload{0x10, static_cast<std::uint8_t>(is_key_frame ? 0x10 : 0x11),
                  2,    0,
                  0x9D, 0x01,
                  0x2A, 16,
                  0,    16,
                  0,    0},
          header{.marker = true,
                 .payload_type = wire::kPayloadTypeVp8,
                 .seq = seq,
                 .timestamp = seq * 3000U,
                 .ssrc = ssrc,
                 .audio_level = std::nullopt} {}

    client::MediaLink::Packet at(Time arrival) const {
        return {.rtp = {.header = header, .payload = payload, .header_size = 12}, .arrival = arrival};
    }

    std::array<std::uint8_t, 12> payload;
    wire::RtpHeader header;
};

}  // namespace connectsphere::test
