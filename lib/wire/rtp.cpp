#include "lib/wire/rtp.hpp"

#include <algorithm>
#include <cassert>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionBits = kVersion << 6;
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kExtensionBit = 0x10;
constexpr std::uint8_t kCsrcCount = 0x0F;
constexpr std::uint8_t kMarkerBit = 0x80;
constexpr std::uint16_t kOneByteExtension = 0xBEDE;
constexpr std::uint8_t kVoiceBit = 0x80;

// RFC 8285 section 4.2: elements of (id, length - 1) and data; id 0 is a padding byte, id 15 ends the list.
Result<void> parse_elements(Bytes elements, RtpHeader& header) {
    Reader r(elements);
    while (r.left() > 0) {
        const std::uint8_t head = r.u8();
        const int id = head >> 4;
        if (id == 0) continue;
        if (id == 15) break;
        const Bytes value = r.bytes((head & 0x0FU) + 1U);
        if (!r.ok()) return Error{Errc::malformed, "rtp header extension"};
        if (id != kAudioLevelExtension) continue;
        header.audio_level =
            AudioLevel{(value[0] & kVoiceBit) != 0, static_cast<std::uint8_t>(value[0] & ~kVoiceBit & 0xFF)};
    }
    return {};
}

Writer field(MutableBytes packet, std::size_t offset) {
    assert(packet.size() >= kRtpFixedHeaderSize);
    return Writer(packet.subspan(offset));
}

}  // namespace

Result<RtpView> parse_rtp_header(Bytes packet) {
    Reader r(packet);
    const std::uint8_t flags = r.u8();
    const std::uint8_t type = r.u8();
    RtpHeader header{.marker = (type & kMarkerBit) != 0,
                     .payload_type = static_cast<std::uint8_t>(type & ~kMarkerBit & 0xFF),
                     .seq = r.u16(),
                     .timestamp = r.u32(),
                     .ssrc = {r.u32()},
                     .audio_level = {}};
    r.skip(std::size_t{4} * (flags & kCsrcCount));
    if (r.ok() && flags >> 6 != kVersion) return Error{Errc::malformed, "rtp version"};
    if ((flags & kExtensionBit) != 0) {
        const std::uint16_t profile = r.u16();
        const std::size_t words = r.u16();
        const Bytes elements = r.bytes(4 * words);
        if (r.ok() && profile == kOneByteExtension) {
            const auto parsed = parse_elements(elements, header);
            if (!parsed) return parsed.error();
        }
    }
    if (!r.ok()) return Error{Errc::truncated, "rtp header"};
    return RtpView{header, packet.last(r.left()), packet.size() - r.left()};
}

std::optional<RtpOutline> rtp_outline(Bytes packet) {
    if (packet.size() < kRtpFixedHeaderSize) return std::nullopt;
    std::size_t size = kRtpFixedHeaderSize + std::size_t{4} * (packet[0] & kCsrcCount);
    if ((packet[0] & kExtensionBit) != 0) {
        Reader extension(packet.subspan(std::min(size, packet.size())));
        extension.skip(2);
        size += 4 + std::size_t{4} * extension.u16();
    }
    if (size > packet.size()) return std::nullopt;
    const auto seq = Reader(packet.subspan(2)).u16();
    return RtpOutline{.header_size = size, .seq = seq, .ssrc = {Reader(packet.subspan(8)).u32()}};
}

Result<RtpView> parse_rtp(Bytes packet) {
    auto view = parse_rtp_header(packet);
    if (!view || (packet[0] & kPaddingBit) == 0) return view;
    // The last byte counts the padding, itself included.
    if (view->payload.empty()) return Error{Errc::malformed, "rtp padding"};
    const std::size_t padding = view->payload.back();
    if (padding == 0 || padding > view->payload.size()) return Error{Errc::malformed, "rtp padding"};
    view->payload = view->payload.first(view->payload.size() - padding);
    return view;
}

std::size_t rtp_header_size(const RtpHeader& header) {
    return header.audio_level ? kMaxRtpHeaderSize : kRtpFixedHeaderSize;
}

std::size_t write_rtp_header(MutableBytes out, const RtpHeader& header) {
    assert(header.payload_type < 128);
    Writer w(out);
    w.u8(header.audio_level ? kVersionBits | kExtensionBit : kVersionBits);
    w.u8(static_cast<std::uint8_t>((header.marker ? kMarkerBit : 0) | header.payload_type));
    w.u16(header.seq);
    w.u32(header.timestamp);
    w.u32(header.ssrc.value);
    if (header.audio_level) {
        assert(header.audio_level->level < 128);
        w.u16(kOneByteExtension);
        w.u16(1);
        w.u8(kAudioLevelExtension << 4);
        w.u8(static_cast<std::uint8_t>((header.audio_level->voice ? kVoiceBit : 0) |
                                       header.audio_level->level));
        w.zeros(2);
    }
    return w.ok() ? w.size() : 0;
}

bool is_rtcp(Bytes packet) { return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223; }

void set_payload_type(MutableBytes packet, std::uint8_t payload_type) {
    assert(packet.size() >= kRtpFixedHeaderSize && payload_type < 128);
    packet[1] = static_cast<std::uint8_t>((packet[1] & kMarkerBit) | payload_type);
}
void set_seq(MutableBytes packet, std::uint16_t seq) { field(packet, 2).u16(seq); }
void set_timestamp(MutableBytes packet, std::uint32_t timestamp) { field(packet, 4).u32(timestamp); }
void set_ssrc(MutableBytes packet, Ssrc ssrc) { field(packet, 8).u32(ssrc.value); }

}  // namespace connectsphere::wire
