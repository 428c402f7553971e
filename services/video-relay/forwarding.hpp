// Forwarding: one encoding on its way to one receiver. The SSRC stays the sender's; sequence numbers and
// timestamps are rewritten, so that the receiver sees one stream without seams:
//
//   - a receiver's new key begins below 2^15, wherever the sender is: who loses the first packets still
//     guesses the SRTP rollover counter right (RFC 3711 section 3.3.1);
//   - a gap too wide for that guess, because nothing was forwarded for long, is closed;
//   - a sender that begins anew (new keys, another process) goes on behind the last number that was used,
//     and as much later as time has passed.
//
//   sender     5 6 7 | 900 901 …       (|: a new generation)
//   receiver   5 6 7 |   8   9 …
//
// No output number is used for two packets: as long as the key is the same, a Forwarding must live on, even
// if its stream does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/time.hpp"

namespace connectsphere::relay {

constexpr std::uint32_t kVideoClockRate = 90'000;  // Hz, of every video payload type (RFC 2435, 7741, 6184)

// What a Forwarding needs to know of a packet.
struct SourcePacket {
    std::uint64_t generation;  // changes when the sender's counters begin anew
    std::int64_t seq;          // unwrapped within the generation
    std::uint32_t timestamp;
    Time received_at;
};

class Forwarding {
  public:
    struct Rewritten {
        std::uint16_t seq;
        std::uint32_t timestamp;
        bool is_late;  // a newer one has been sent: its SRTP index is behind the newest, and unused
    };

    // Nothing for a packet from before the point where the numbers were last joined: its own was used.
    std::optional<Rewritten> rewrite(const SourcePacket& packet);

    // For sender reports: a timestamp of the sender as the receiver knows it; nothing when nothing was
    // forwarded of this generation.
    std::optional<std::uint32_t> rewrite_timestamp(std::uint64_t generation, std::uint32_t timestamp) const;

    void count_sent(std::size_t payload_bytes) {
        ++packets_;
        payload_bytes_ += payload_bytes;
    }
    std::uint64_t packets() const { return packets_; }
    std::uint64_t payload_bytes() const { return payload_bytes_; }

  private:
    void begin(const SourcePacket& packet);

    std::uint64_t generation_ = 0;  // 0: nothing was forwarded yet
    std::int64_t seq_offset_ = 0;   // output minus input
    std::uint32_t timestamp_offset_ = 0;
    std::int64_t first_ = 0;   // the lowest output number since the numbers were last joined
    std::int64_t newest_ = 0;  // output
    std::uint32_t newest_timestamp_ = 0;
    Time newest_at_{};
    std::uint64_t packets_ = 0;
    std::uint64_t payload_bytes_ = 0;
};

}  // namespace connectsphere::relay
