// VideoReception: what arrives of one video encoding, counted as RFC 3550 counts it (appendix A.1, A.3 and
// A.8). Beside the Reception of sound (lib/media/reports) it knows that packets of a frame share a timestamp,
// and outlives restarts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "lib/base/seq.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/rtcp.hpp"

namespace connectsphere::media {

class VideoReception {
  public:
    explicit VideoReception(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

    // Returns the unwrapped sequence number.
    std::int64_t on_packet(std::uint16_t seq, std::uint32_t timestamp, std::size_t bytes, Time at);

    // The sender's counters begin anew; what was counted stays.
    void restart();

    // The newest sender report of this encoding: its time comes back in our reports.
    void on_sender_report(std::uint64_t ntp, Time at);

    // What a receiver report says of it; the loss is counted from one call to the next.
    wire::ReportBlock report(Ssrc ssrc, Time now);

    std::uint64_t packets() const { return packets_; }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t lost() const;     // expected minus received, never negative
    double jitter_seconds() const;  // interarrival jitter

  private:
    std::uint64_t expected() const;

    std::uint32_t clock_rate_;
    SeqUnwrapper unwrapper_;
    std::optional<std::int64_t> first_seq_;
    std::uint64_t expected_before_ = 0;  // of the sender's earlier lives
    std::uint64_t packets_ = 0;
    std::uint64_t bytes_ = 0;
    std::optional<std::uint32_t> last_timestamp_;
    Time last_at_{};
    double jitter_ = 0;                                           // in units of the clock
    std::uint64_t reported_expected_ = 0, reported_packets_ = 0;  // at the newest report of ours
    std::uint32_t sender_report_ = 0;                             // its NTP time, the middle 32 bits
    Time sender_report_at_{};
};

}  // namespace connectsphere::media
