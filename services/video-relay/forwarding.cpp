#include "services/video-relay/forwarding.hpp"

#include <algorithm>

namespace connectsphere::relay {
namespace {

constexpr std::int64_t kFirstSeqLimit = 1 << 15;
constexpr std::int64_t kMaxGap = 1 << 14;  // far from 2^15, where SRTP's guess fails

std::uint32_t clock_ticks(std::chrono::milliseconds duration) {
    return static_cast<std::uint32_t>(duration.count() * kVideoClockRate / 1000);
}

}  // namespace

void Forwarding::begin(const SourcePacket& packet) {
    if (generation_ == 0) {
        // Packets that were overtaken by this one still find their place below it.
        seq_offset_ = packet.seq % kFirstSeqLimit - packet.seq;
    } else {
        first_ = newest_ + 1;
        seq_offset_ = first_ - packet.seq;
    }
    if (generation_ != 0 && generation_ != packet.generation) {
        // At least a millisecond later: two frames must not share a timestamp.
        const auto elapsed = std::chrono::ceil<std::chrono::milliseconds>(packet.received_at - newest_at_);
        const auto step = clock_ticks(std::max(elapsed, std::chrono::milliseconds(1)));
        timestamp_offset_ = newest_timestamp_ + step - packet.timestamp;
    }
    generation_ = packet.generation;
    newest_ = packet.seq + seq_offset_ - 1;
}

std::optional<Forwarding::Rewritten> Forwarding::rewrite(const SourcePacket& packet) {
    if (packet.generation != generation_ || packet.seq + seq_offset_ > newest_ + kMaxGap) begin(packet);
    const std::int64_t seq = packet.seq + seq_offset_;
    if (seq < first_) return std::nullopt;
    const std::uint32_t timestamp = packet.timestamp + timestamp_offset_;
    const bool is_late = seq <= newest_;
    if (!is_late) {
        newest_ = seq;
        newest_timestamp_ = timestamp;
        newest_at_ = packet.received_at;
    }
    return Rewritten{.seq = static_cast<std::uint16_t>(seq), .timestamp = timestamp, .is_late = is_late};
}

std::optional<std::uint32_t> Forwarding::rewrite_timestamp(std::uint64_t generation,
                                                           std::uint32_t timestamp) const {
    if (generation_ == 0 || generation != generation_) return std::nullopt;
    return timestamp + timestamp_offset_;
}

}  // namespace connectsphere::relay
