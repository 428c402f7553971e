#include "services/video-relay/forwarding.hpp"

#include <algorithm>
#include <limits>

namespace connectsphere::relay {
namespace {

constexpr std::int64_t kFirstSeqLimit = 1 << 15;
constexpr std::int64_t kMaxGap = 1 << 14;  // far from 2^15, where SRTP's guess fails
constexpr std::uint16_t kPictureIdMask = 0x7FFF;

std::uint32_t clock_ticks(std::chrono::milliseconds duration) {
    return static_cast<std::uint32_t>(duration.count() * kVideoClockRate / 1000);
}

}  // namespace

template <class Visit>
void Forwarding::visit_seams(Visit visit) const {
    std::int64_t end = std::numeric_limits<std::int64_t>::max();
    const std::size_t oldest = seam_count_ > kSeams ? seam_count_ - kSeams : 0;
    for (std::size_t i = seam_count_; i > oldest; --i) {
        const Seam& seam = seams_[(i - 1) % kSeams];
        if (visit(seam, end)) return;
        end = seam.first_out();
    }
}

void Forwarding::begin(const SourcePacket& packet) {
    if (generation_ == 0) {
        // Packets that were overtaken by this one still find their place below it.
        push({.generation = packet.generation,
              .first_in = 0,
              .offset = packet.seq % kFirstSeqLimit - packet.seq});
    } else {
        Seam seam = newest_seam();
        seam.first_in = packet.seq;
        seam.offset = newest_ + 1 - packet.seq;
        if (generation_ != packet.generation) {
            // At least a millisecond later: two frames must not share a timestamp.
            const auto elapsed =
                std::chrono::ceil<std::chrono::milliseconds>(packet.received_at - newest_at_);
            const auto step = clock_ticks(std::max(elapsed, std::chrono::milliseconds(1)));
            seam.timestamp_offset = newest_timestamp_ + step - packet.timestamp;
            if (packet.picture) {
                seam.picture_offset =
                    static_cast<std::uint16_t>(newest_picture_.picture_id + 1 - packet.picture->picture_id);
                seam.tl0_offset =
                    static_cast<std::uint8_t>(newest_picture_.tl0_index + 1 - packet.picture->tl0_index);
            }
        }
        seam.generation = packet.generation;
        push(seam);
    }
    generation_ = packet.generation;
    newest_in_ = packet.seq - 1;
    newest_ = packet.seq + newest_seam().offset - 1;
    skipped_picture_.reset();
}

Forwarding::Rewritten Forwarding::apply(const Seam& seam, const SourcePacket& packet, bool is_late) {
    Rewritten out{.seq = static_cast<std::uint16_t>(packet.seq + seam.offset),
                  .timestamp = packet.timestamp + seam.timestamp_offset,
                  .is_late = is_late};
    if (packet.picture) {
        out.picture.picture_id =
            static_cast<std::uint16_t>((packet.picture->picture_id + seam.picture_offset) & kPictureIdMask);
        out.picture.tl0_index = static_cast<std::uint8_t>(packet.picture->tl0_index + seam.tl0_offset);
    }
    return out;
}

std::optional<Forwarding::Rewritten> Forwarding::rewrite(const SourcePacket& packet) {
    const bool is_new_part = packet.generation != generation_ || packet.seq > newest_in_ + kMaxGap ||
                             (resumes_ && packet.seq > newest_in_);
    if (is_new_part) begin(packet);
    resumes_ = false;
    if (packet.seq > newest_in_) {
        const Rewritten out = apply(newest_seam(), packet, false);
        newest_in_ = packet.seq;
        newest_ = newest_sent_ = packet.seq + newest_seam().offset;
        newest_timestamp_ = out.timestamp;
        newest_picture_ = out.picture;
        newest_at_ = packet.received_at;
        return out;
    }
    auto late = rewrite_again(packet);
    if (late && !late->is_late)
        newest_sent_ += static_cast<std::uint16_t>(late->seq - static_cast<std::uint16_t>(newest_sent_));
    return late;
}

std::optional<Forwarding::Rewritten> Forwarding::rewrite_again(const SourcePacket& packet) const {
    std::optional<Rewritten> late;
    visit_seams([&](const Seam& seam, std::int64_t end) {
        if (seam.generation != packet.generation || packet.seq < seam.first_in) return false;
        const std::int64_t seq = packet.seq + seam.offset;
        if (seq < end) late = apply(seam, packet, seq <= newest_sent_);
        return true;
    });
    return late;
}

void Forwarding::skip(const SourcePacket& packet, bool whole_picture) {
    if (packet.generation != generation_ || packet.seq <= newest_in_) return;
    if (packet.seq > newest_in_ + kMaxGap) return;  // the next that is forwarded closes this gap as a whole
    Seam seam = newest_seam();
    const bool is_adjacent = seam.first_in == packet.seq;
    seam.first_in = packet.seq + 1;
    --seam.offset;
    // A picture's packets share its number: it is closed once.
    if (whole_picture && packet.picture && skipped_picture_ != packet.picture->picture_id) {
        --seam.picture_offset;
        skipped_picture_ = packet.picture->picture_id;
    }
    if (is_adjacent) {
        newest_seam() = seam;
    } else {
        push(seam);
    }
    newest_in_ = packet.seq;
    newest_ = seam.first_out() - 1;  // what is missing before it may still come, under its own number
}

std::optional<Forwarding::Origin> Forwarding::origin(std::uint16_t seq) const {
    if (generation_ == 0) return std::nullopt;
    const auto behind = static_cast<std::uint16_t>(static_cast<std::uint16_t>(newest_) - seq);
    const std::int64_t out = newest_ - behind;
    std::optional<Origin> found;
    visit_seams([&](const Seam& seam, std::int64_t end) {
        if (out < seam.first_out()) return false;
        if (out < end) found = Origin{.generation = seam.generation, .seq = out - seam.offset};
        return true;
    });
    return found;
}

std::optional<std::uint32_t> Forwarding::rewrite_timestamp(std::uint64_t generation,
                                                           std::uint32_t timestamp) const {
    if (generation_ == 0 || generation != generation_) return std::nullopt;
    return timestamp + newest_seam().timestamp_offset;
}

}  // namespace connectsphere::relay
