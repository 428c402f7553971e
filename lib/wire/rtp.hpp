// RTP packets (RFC 3550 section 5.1), taken apart and put together in place. Of the header extensions
// (RFC 8285, one-byte form) we know one: the audio level of RFC 6464.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//   |                           timestamp                           |
//   |                             SSRC                              |
//   |                     CSRC, CC times (ignored)                  |
//   |       0xBEDE (when X)         |   length in 32-bit words      |
//   |  id 1 | len 0 |V|    level    |       0       |       0       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/id.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

// Payload types: 26 is of RFC 3551, the others are dynamic and ours.
constexpr std::uint8_t kPayloadTypeJpeg = 26;
constexpr std::uint8_t kPayloadTypeVp8 = 96;
constexpr std::uint8_t kPayloadTypeH264 = 97;
constexpr std::uint8_t kPayloadTypeRtx = 98;  // RFC 4588
constexpr std::uint8_t kPayloadTypeOpus = 111;

constexpr std::uint8_t kAudioLevelExtension = 1;  // the id that an SDP extmap would give it

constexpr std::size_t kRtpFixedHeaderSize = 12;
constexpr std::size_t kMaxRtpHeaderSize = kRtpFixedHeaderSize + 8;  // the longest that we write

// RFC 6464: how loud a packet is, readable without decoding it.
struct AudioLevel {
    bool voice = false;        // the sender believes that this is speech
    std::uint8_t level = 127;  // in -dBov: 0 is the loudest, 127 is silence

    bool operator==(const AudioLevel&) const = default;
};

struct RtpHeader {
    bool marker = false;
    std::uint8_t payload_type = 0;  // 7 bits
    std::uint16_t seq = 0;
    std::uint32_t timestamp = 0;
    Ssrc ssrc{};
    std::optional<AudioLevel> audio_level{};

    bool operator==(const RtpHeader&) const = default;
};

struct RtpView {
    RtpHeader header;
    Bytes payload;
    std::size_t header_size;  // with CSRCs and extension: where the payload starts
};

// A plain packet. The padding is not part of the payload.
Result<RtpView> parse_rtp(Bytes packet);

// Only the header, for packets whose rest is still encrypted: the payload is all that follows, with padding
// and tag (RFC 3711 leaves the header, with its extension, readable).
Result<RtpView> parse_rtp_header(Bytes packet);

// What a cipher needs of a header that is known to be one, without the rest: where it ends (nothing: it does
// not fit into the packet), its SSRC and its sequence number.
struct RtpOutline {
    std::size_t header_size;
    std::uint16_t seq;
    Ssrc ssrc;
};
std::optional<RtpOutline> rtp_outline(Bytes packet);

// The size that write_rtp_header takes: 12, or 20 with an audio level.
std::size_t rtp_header_size(const RtpHeader& header);

// Returns the size written, 0 when `out` is too short.
std::size_t write_rtp_header(MutableBytes out, const RtpHeader& header);

// RFC 5761: which of the two a datagram on the shared port is, from its second byte. Says nothing about its
// being well formed; false when it is too short to tell.
bool is_rtcp(Bytes packet);

// For relays, which rewrite packets in place. The packet must have been parsed before.
void set_payload_type(MutableBytes packet, std::uint8_t payload_type);  // keeps the marker
void set_seq(MutableBytes packet, std::uint16_t seq);
void set_timestamp(MutableBytes packet, std::uint32_t timestamp);
void set_ssrc(MutableBytes packet, Ssrc ssrc);

}  // namespace connectsphere::wire
