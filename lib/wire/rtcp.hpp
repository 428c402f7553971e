// RTCP (RFC 3550 section 6): reports, names and farewells, and the feedback of RFC 4585. A datagram holds a
// compound of packets, each a whole number of 32-bit words:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|  count  |  packet type  |  length in words, minus one   |
//   |                     SSRC of the sender                        |
//   |                             ...                               |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// A compound is checked whole before any of it is seen; then it is walked without errors:
//
//   auto compound = parse_rtcp(bytes);
//   if (!compound) return compound.error();
//   while (const auto packet = compound->next()) {
//       if (const auto* report = std::get_if<SenderReport>(&*packet)) …
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "lib/base/bytes.hpp"
#include "lib/base/id.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

// What one receiver says of one source (section 6.4.1).
struct ReportBlock {
    Ssrc ssrc{};
    std::uint8_t fraction_lost = 0;  // since the last report, of 256
    std::int32_t lost = 0;           // since the start; signed 24 bits: duplicates count against losses
    std::uint32_t highest_seq = 0;   // with the cycles in the upper half
    std::uint32_t jitter = 0;        // in timestamp units
    std::uint32_t last_report = 0;   // LSR: the middle 32 bits of the newest sender report's NTP time, or 0
    std::uint32_t delay = 0;         // DLSR: since then, in 1/65536 s

    bool operator==(const ReportBlock&) const = default;
};

// The blocks of a report, read where they lie.
class ReportBlocks {
  public:
    explicit ReportBlocks(Bytes bytes = {}) : bytes_(bytes) {}
    std::size_t size() const;
    ReportBlock operator[](std::size_t i) const;

  private:
    Bytes bytes_;
};

struct SenderInfo {
    std::uint64_t ntp = 0;            // wall-clock time of sending, 32.32 seconds since 1900
    std::uint32_t rtp_timestamp = 0;  // the same instant on the stream's clock
    std::uint32_t packets = 0;
    std::uint32_t bytes = 0;  // of payload

    bool operator==(const SenderInfo&) const = default;
};

struct SenderReport {
    Ssrc sender;
    SenderInfo info;
    ReportBlocks blocks;
};

struct ReceiverReport {
    Ssrc sender;
    ReportBlocks blocks;
};

// The first chunk that has a CNAME; the others, and other items, are only checked.
struct SourceDescription {
    Ssrc ssrc;
    std::string_view cname;
};

struct Bye {
    Bytes ssrcs;  // 4 bytes each
    std::string_view reason;

    std::size_t size() const { return ssrcs.size() / 4; }
    Ssrc operator[](std::size_t i) const;
};

enum class FeedbackKind : std::uint8_t { transport = 205, payload = 206 };  // RTPFB and PSFB

// RFC 4585 section 6.1. The control information is for those who know the format.
struct Feedback {
    FeedbackKind kind;
    std::uint8_t format;
    Ssrc sender;
    Ssrc media;
    Bytes fci;

    bool is_nack() const { return kind == FeedbackKind::transport && format == 1; }
    bool is_pli() const { return kind == FeedbackKind::payload && format == 1; }
    bool is_fir() const { return kind == FeedbackKind::payload && format == 4; }
};

// Anything else that is well formed.
struct OtherRtcp {
    std::uint8_t type;
    std::uint8_t count;
    Bytes body;
};

using RtcpPacket = std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Feedback, OtherRtcp>;

class RtcpCompound {
  public:
    std::optional<RtcpPacket> next();  // its views live as long as the bytes that were parsed

  private:
    friend Result<RtcpCompound> parse_rtcp(Bytes bytes);
    explicit RtcpCompound(Bytes bytes) : rest_(bytes) {}

    Bytes rest_;
};

// Reduced-size compounds, without a report in front, are accepted (RFC 5506).
Result<RtcpCompound> parse_rtcp(Bytes bytes);

// Calls `ask(seq)` for each packet that a generic NACK asks for again (RFC 4585 section 6.2.1), in the order
// that it names them.
template <class Function>
void for_each_nack(const Feedback& feedback, Function ask) {
    Reader r(feedback.fci);
    while (feedback.is_nack() && r.left() >= 4) {
        const std::uint16_t first = r.u16();
        const std::uint16_t following = r.u16();  // bit i: also first + 1 + i
        ask(first);
        for (int i = 0; i < 16; ++i) {
            if ((following >> i & 1) != 0) ask(static_cast<std::uint16_t>(first + 1 + i));
        }
    }
}

// Whose key frame a FIR asks for: the first that it names (RFC 5104 section 4.3.1); zero when it names none.
Ssrc fir_media(const Feedback& feedback);

// The rate in bit/s that a REMB (draft-alvestrand-rmcat-remb-03) allows; nothing for other feedback.
std::optional<std::uint64_t> remb_rate(const Feedback& feedback);

constexpr std::size_t kMaxReportBlocks = 31;  // in one report
constexpr std::size_t kMaxCname = 255;        // bytes

// The writers append one packet each; a compound is a few in a row into one Writer, a report first.
void write_sender_report(Writer& w, Ssrc sender, const SenderInfo& info,
                         std::span<const ReportBlock> blocks = {});
void write_receiver_report(Writer& w, Ssrc sender, std::span<const ReportBlock> blocks = {});
void write_cname(Writer& w, Ssrc ssrc, std::string_view cname);
void write_bye(Writer& w, Ssrc ssrc);
void write_pli(Writer& w, Ssrc sender, Ssrc media);
// `seqs` in rising order (they may wrap), so that neighbours share a word.
void write_nack(Writer& w, Ssrc sender, Ssrc media, std::span<const std::uint16_t> seqs);

}  // namespace connectsphere::wire
