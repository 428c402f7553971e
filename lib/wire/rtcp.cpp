#include "lib/wire/rtcp.hpp"

#include <algorithm>
#include <cassert>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::uint8_t kCountBits = 0x1F;

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kBye = 203;
constexpr std::uint8_t kTransportFeedback = 205;
constexpr std::uint8_t kPayloadFeedback = 206;

constexpr std::uint8_t kEndItem = 0;
constexpr std::uint8_t kCnameItem = 1;
constexpr std::uint8_t kNackFormat = 1;
constexpr std::uint8_t kPliFormat = 1;

constexpr std::size_t kWord = 4;
constexpr std::size_t kBlockSize = 24;

Error malformed(const char* what) { return {Errc::malformed, what}; }

Result<RtcpPacket> parse_sender_report(Reader r, std::size_t count) {
    const SenderReport report{
        .sender = {r.u32()},
        .info = {.ntp = r.u64(), .rtp_timestamp = r.u32(), .packets = r.u32(), .bytes = r.u32()},
        .blocks = ReportBlocks(r.bytes(count * kBlockSize))};
    if (!r.ok()) return malformed("rtcp sr");
    return RtcpPacket(report);  // profile-specific extensions may follow
}

Result<RtcpPacket> parse_receiver_report(Reader r, std::size_t count) {
    const ReceiverReport report{.sender = {r.u32()}, .blocks = ReportBlocks(r.bytes(count * kBlockSize))};
    if (!r.ok()) return malformed("rtcp rr");
    return RtcpPacket(report);
}

// Section 6.5: chunks of an SSRC and items, ended by a zero byte and filled up to a word.
Result<RtcpPacket> parse_source_description(Reader r, std::size_t count) {
    SourceDescription found{};
    for (std::size_t chunk = 0; chunk < count; ++chunk) {
        const Ssrc ssrc{r.u32()};
        while (r.ok()) {
            const std::uint8_t item = r.u8();
            if (item == kEndItem) break;
            const std::string_view text = as_text(r.bytes(r.u8()));
            if (item == kCnameItem && found.cname.empty()) found = {ssrc, text};
        }
        r.skip(r.left() % kWord);  // the packet ends on a word, so what is left tells where we are
    }
    if (!r.ok()) return malformed("rtcp sdes");
    return RtcpPacket(found);
}

Result<RtcpPacket> parse_bye(Reader r, std::size_t count) {
    Bye bye{.ssrcs = r.bytes(count * kWord), .reason = {}};
    if (r.left() > 0) bye.reason = as_text(r.bytes(r.u8()));
    if (!r.ok()) return malformed("rtcp bye");
    return RtcpPacket(bye);
}

Result<RtcpPacket> parse_feedback(Reader r, std::uint8_t type, std::uint8_t format) {
    const Feedback feedback{.kind = static_cast<FeedbackKind>(type),
                            .format = format,
                            .sender = {r.u32()},
                            .media = {r.u32()},
                            .fci = r.rest()};
    if (!r.ok()) return malformed("rtcp feedback");
    return RtcpPacket(feedback);
}

Result<RtcpPacket> parse_body(std::uint8_t type, std::uint8_t count, Bytes body) {
    switch (type) {
        case kSenderReport:
            return parse_sender_report(Reader(body), count);
        case kReceiverReport:
            return parse_receiver_report(Reader(body), count);
        case kSourceDescription:
            return parse_source_description(Reader(body), count);
        case kBye:
            return parse_bye(Reader(body), count);
        case kTransportFeedback:
        case kPayloadFeedback:
            return parse_feedback(Reader(body), type, count);
        default:
            return RtcpPacket(OtherRtcp{.type = type, .count = count, .body = body});
    }
}

// Takes one packet off the front. Only the last of a compound may be padded (section 6.4.1).
Result<RtcpPacket> take_packet(Bytes& rest) {
    Reader r(rest);
    const std::uint8_t flags = r.u8();
    const std::uint8_t type = r.u8();
    Bytes body = r.bytes(kWord * r.u16());
    if (!r.ok()) return Error{Errc::truncated, "rtcp packet"};
    if (flags >> 6 != kVersion) return malformed("rtcp version");
    if (type < 192 || type > 223) return malformed("rtcp type");
    if ((flags & kPaddingBit) != 0) {
        const std::size_t padding = body.empty() ? 0 : body.back();
        if (r.left() != 0 || padding == 0 || padding % kWord != 0 || padding > body.size()) {
            return malformed("rtcp padding");
        }
        body = body.first(body.size() - padding);
    }
    rest = r.rest();
    return parse_body(type, flags & kCountBits, body);
}

void write_header(Writer& w, std::uint8_t type, std::size_t count, std::size_t body_size) {
    assert(count <= kCountBits && body_size % kWord == 0);
    w.u8(static_cast<std::uint8_t>(kVersion << 6 | count));
    w.u8(type);
    w.u16(static_cast<std::uint16_t>(body_size / kWord));
}

void write_blocks(Writer& w, std::span<const ReportBlock> blocks) {
    constexpr std::int32_t kMostLost = 0x7F'FFFF;
    for (const auto& block : blocks) {
        w.u32(block.ssrc.value);
        w.u8(block.fraction_lost);
        w.u24(static_cast<std::uint32_t>(std::clamp(block.lost, -kMostLost - 1, kMostLost)));
        w.u32(block.highest_seq);
        w.u32(block.jitter);
        w.u32(block.last_report);
        w.u32(block.delay);
    }
}

// One word of a NACK, which takes from `seqs` what it covers: the first, and those up to 16 after it.
void write_nack_word(Writer& w, std::span<const std::uint16_t>& seqs) {
    const std::uint16_t first = seqs.front();
    std::uint16_t following = 0;
    seqs = seqs.subspan(1);
    while (!seqs.empty()) {
        const auto distance = static_cast<std::uint16_t>(seqs.front() - first);
        if (distance > 16) break;
        if (distance > 0) following = static_cast<std::uint16_t>(following | 1U << (distance - 1));
        seqs = seqs.subspan(1);
    }
    w.u16(first);
    w.u16(following);
}

}  // namespace

std::size_t ReportBlocks::size() const { return bytes_.size() / kBlockSize; }

ReportBlock ReportBlocks::operator[](std::size_t i) const {
    assert(i < size());
    Reader r(bytes_.subspan(i * kBlockSize, kBlockSize));
    ReportBlock block{.ssrc = {r.u32()}, .fraction_lost = r.u8()};
    const auto lost = static_cast<std::int32_t>(r.u24());
    block.lost = lost < 0x80'0000 ? lost : lost - 0x100'0000;
    block.highest_seq = r.u32();
    block.jitter = r.u32();
    block.last_report = r.u32();
    block.delay = r.u32();
    return block;
}

Ssrc Bye::operator[](std::size_t i) const {
    assert(i < size());
    return {Reader(ssrcs.subspan(i * kWord, kWord)).u32()};
}

Ssrc fir_media(const Feedback& feedback) {
    Reader r(feedback.fci);
    const Ssrc media{r.u32()};
    return feedback.is_fir() && r.ok() ? media : Ssrc{};
}

// "REMB", the number of SSRCs, and the rate as a mantissa of 18 bits with an exponent of 6.
std::optional<std::uint64_t> remb_rate(const Feedback& feedback) {
    constexpr std::uint8_t kApplicationLayer = 15;
    constexpr std::uint32_t kRemb = 0x5245'4D42;
    if (feedback.kind != FeedbackKind::payload || feedback.format != kApplicationLayer) return std::nullopt;
    Reader r(feedback.fci);
    const std::uint32_t name = r.u32();
    r.skip(1);
    const std::uint32_t rate = r.u24();
    if (!r.ok() || name != kRemb) return std::nullopt;
    const std::uint64_t mantissa = rate & 0x3'FFFF;
    const std::uint32_t exponent = rate >> 18;
    if (exponent > 45) return std::nullopt;  // it would not fit
    return mantissa << exponent;
}

Result<RtcpCompound> parse_rtcp(Bytes bytes) {
    if (bytes.empty()) return Error{Errc::truncated, "rtcp packet"};
    Bytes rest = bytes;
    while (!rest.empty()) {
        const auto packet = take_packet(rest);
        if (!packet) return packet.error();
    }
    return RtcpCompound(bytes);
}

std::optional<RtcpPacket> RtcpCompound::next() {
    if (rest_.empty()) return std::nullopt;
    return *take_packet(rest_);
}

void write_sender_report(Writer& w, Ssrc sender, const SenderInfo& info,
                         std::span<const ReportBlock> blocks) {
    write_header(w, kSenderReport, blocks.size(), 24 + blocks.size() * kBlockSize);
    w.u32(sender.value);
    w.u64(info.ntp);
    w.u32(info.rtp_timestamp);
    w.u32(info.packets);
    w.u32(info.bytes);
    write_blocks(w, blocks);
}

void write_receiver_report(Writer& w, Ssrc sender, std::span<const ReportBlock> blocks) {
    write_header(w, kReceiverReport, blocks.size(), 4 + blocks.size() * kBlockSize);
    w.u32(sender.value);
    write_blocks(w, blocks);
}

void write_cname(Writer& w, Ssrc ssrc, std::string_view cname) {
    assert(cname.size() <= kMaxCname);
    const std::size_t used = 4 + 2 + cname.size();
    const std::size_t fill = kWord - used % kWord;  // at least the zero byte that ends the items
    write_header(w, kSourceDescription, 1, used + fill);
    w.u32(ssrc.value);
    w.u8(kCnameItem);
    w.u8(static_cast<std::uint8_t>(cname.size()));
    w.bytes(as_bytes(cname));
    w.zeros(fill);
}

void write_bye(Writer& w, Ssrc ssrc) {
    write_header(w, kBye, 1, 4);
    w.u32(ssrc.value);
}

void write_pli(Writer& w, Ssrc sender, Ssrc media) {
    write_header(w, kPayloadFeedback, kPliFormat, 8);
    w.u32(sender.value);
    w.u32(media.value);
}

void write_nack(Writer& w, Ssrc sender, Ssrc media, std::span<const std::uint16_t> seqs) {
    assert(!seqs.empty());
    // The length comes first: count the words on a writer of nothing, which only takes from `counted`.
    std::size_t words = 0;
    Writer nowhere({});
    for (auto counted = seqs; !counted.empty(); ++words) write_nack_word(nowhere, counted);
    write_header(w, kTransportFeedback, kNackFormat, 8 + words * kWord);
    w.u32(sender.value);
    w.u32(media.value);
    while (!seqs.empty()) write_nack_word(w, seqs);
}

}  // namespace connectsphere::wire
