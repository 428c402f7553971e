// Forwarding: one stream on its way to one receiver. Its SSRC is that of the encoding that the sender named
// first, whichever encoding is forwarded; sequence numbers, timestamps and VP8's picture numbers are
// rewritten, so that the receiver sees one stream without seams:
//
//   - a receiver's new key begins below 2^15, wherever the sender is: who loses the first packets still
//     guesses the SRTP rollover counter right (RFC 3711 section 3.3.1);
//   - a gap is closed where nothing was forwarded for a while, or so long that the guess would fail;
//   - what is not forwarded (a layer, a thinned frame) takes its numbers with it;
//   - another encoding, or a sender that begins anew (new keys, another process), goes on behind the last
//     number that was used, and as much later as time has passed.
//
//   sender     5 6 7 | 900 901 x x 904 …     (|: a new generation; x: skipped)
//   receiver   5 6 7 |   8   9      10 …
//
// What is lost on the way to us stays a hole, which a retransmission can fill. A number, once given, always
// means the same packet: that is what makes retransmission and SRTP safe. As long as the receiver's key is
// the same, a Forwarding must live on, even if its stream does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/time.hpp"

namespace connectsphere::relay {

constexpr std::uint32_t kVideoClockRate = 90'000;  // Hz, of every video payload type (RFC 2435, 7741, 6184)

// What counts pictures in VP8 (RFC 7741): PictureID, 15 bits, and TL0PICIDX.
struct PictureNumbers {
    std::uint16_t picture_id = 0;
    std::uint8_t tl0_index = 0;

    bool operator==(const PictureNumbers&) const = default;
};

// What a Forwarding needs to know of a packet.
struct SourcePacket {
    std::uint64_t generation;  // changes when the sender's counters begin anew; each encoding has its own
    std::int64_t seq;          // unwrapped within the generation
    std::uint32_t timestamp;
    Time received_at;
    std::optional<PictureNumbers> picture = std::nullopt;
};

class Forwarding {
  public:
    static constexpr std::size_t kSeams = 64;  // remembered: packets from before the oldest are not found

    struct Rewritten {
        std::uint16_t seq;
        std::uint32_t timestamp;
        bool is_late;  // a newer one has been sent: its SRTP index is behind the newest, and unused
        PictureNumbers picture = {};

        bool operator==(const Rewritten&) const = default;
    };

    // Nothing for a packet whose number is used or was closed: of a time before the last seams, or skipped.
    std::optional<Rewritten> rewrite(const SourcePacket& packet);

    // For a retransmission: the numbers that this packet has had, if they are remembered.
    std::optional<Rewritten> rewrite_again(const SourcePacket& packet) const;

    // Forwarding begins again: what was not forwarded in between will not be missed.
    void resume() { resumes_ = true; }

    // The packet is not forwarded, and will not be missed. `whole_picture`: none of its picture was; else the
    // picture's number stays a hole, so that the receiver sees that it lacks one.
    void skip(const SourcePacket& packet, bool whole_picture = true);

    // Which packet an output number stands for: what a NACK asks for.
    struct Origin {
        std::uint64_t generation;
        std::int64_t seq;
    };
    std::optional<Origin> origin(std::uint16_t seq) const;

    // For sender reports: a timestamp of the sender as the receiver knows it; nothing when nothing was
    // forwarded of this generation.
    std::optional<std::uint32_t> rewrite_timestamp(std::uint64_t generation, std::uint32_t timestamp) const;

    std::uint64_t generation() const { return generation_; }  // of what is forwarded; 0: nothing yet

    void count_sent(std::size_t payload_bytes) {
        ++packets_;
        payload_bytes_ += payload_bytes;
    }
    std::uint64_t packets() const { return packets_; }
    std::uint64_t payload_bytes() const { return payload_bytes_; }

  private:
    // From `first_in` on, until the next seam, all numbers are moved by the same amounts.
    struct Seam {
        std::uint64_t generation = 0;
        std::int64_t first_in = 0;
        std::int64_t offset = 0;  // output minus input
        std::uint32_t timestamp_offset = 0;
        std::uint16_t picture_offset = 0;
        std::uint8_t tl0_offset = 0;

        std::int64_t first_out() const { return first_in + offset; }
    };

    void begin(const SourcePacket& packet);
    Seam& newest_seam() { return seams_[(seam_count_ - 1) % kSeams]; }
    const Seam& newest_seam() const { return seams_[(seam_count_ - 1) % kSeams]; }
    void push(const Seam& seam) { seams_[seam_count_++ % kSeams] = seam; }
    // Calls visit(seam, end) from the newest to the oldest until it returns true; `end` is the output number
    // where the seam's reach ends.
    template <class Visit>
    void visit_seams(Visit visit) const;
    static Rewritten apply(const Seam& seam, const SourcePacket& packet, bool is_late);

    std::uint64_t generation_ = 0;
    bool resumes_ = false;
    std::array<Seam, kSeams> seams_{};
    std::size_t seam_count_ = 0;
    std::int64_t newest_in_ = 0;    // forwarded or skipped
    std::int64_t newest_ = 0;       // output, given or closed: what begins anew begins above
    std::int64_t newest_sent_ = 0;  // output
    std::uint32_t newest_timestamp_ = 0;
    PictureNumbers newest_picture_;
    std::optional<std::uint16_t> skipped_picture_;  // the newest PictureID that was skipped
    Time newest_at_{};
    std::uint64_t packets_ = 0;
    std::uint64_t payload_bytes_ = 0;
};

}  // namespace connectsphere::relay
