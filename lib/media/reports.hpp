// RTCP reports (RFC 3550 section 6.4) between the two ends of one call: each sends one stream and receives
// one. ReportExchange says what to report, and learns from the other's reports how our own stream arrives.
// The mixer has one per participant, a client one for its audio.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/seq.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::media {

// What arrives of one RTP stream of a 48 kHz clock, as reports count it (appendix A.3 and A.8).
class Reception {
  public:
    void on_packet(const wire::RtpHeader& header, Time arrival);
    bool has_packets() const { return received_ > 0; }
    std::uint64_t received() const { return received_; }
    std::int64_t lost() const;
    double jitter_seconds() const;
    double loss() const { return loss_; }  // 0 to 1, in the interval that the last report ended
    wire::ReportBlock report(Ssrc ssrc);   // starts the next interval

  private:
    std::int64_t expected() const;

    SeqUnwrapper seq_;
    std::int64_t first_ = 0;
    std::uint64_t received_ = 0;
    std::int64_t expected_before_ = 0;  // at the last report
    std::uint64_t received_before_ = 0;
    double loss_ = 0;
    std::optional<double> transit_;  // of the last packet, in samples
    double jitter_ = 0;              // in samples
};

class ReportExchange {
  public:
    // Our own stream, as a report describes it.
    struct Sent {
        Ssrc ssrc;
        std::uint64_t packets = 0;
        std::uint64_t payload_bytes = 0;
        std::uint32_t timestamp = 0;  // of now, on the stream's clock
    };

    void on_rtp(const wire::RtpHeader& header, Time arrival) { reception_.on_packet(header, arrival); }
    // False: it is no RTCP. `sent` is the stream that the blocks have to be about.
    bool on_rtcp(Bytes compound, Ssrc sent, Time arrival, WallTime wall);
    // A compound: a sender report, with a block about their stream, and a CNAME. It is a sender report even
    // before the first packet, because its time is what the other end measures the round trip by.
    void write(Writer& w, const Sent& sent, Ssrc theirs, std::string_view cname, Time now, WallTime wall);

    const Reception& reception() const { return reception_; }
    // As the other end sees our stream:
    Duration jitter() const { return jitter_; }
    double loss() const { return loss_; }  // 0 to 1, over its last report interval
    // What to prepare for: rises at once and falls slowly, so that one good second does not switch FEC off.
    double expected_loss() const { return expected_loss_; }
    std::optional<Duration> round_trip() const { return round_trip_; }

  private:
    void on_block(const wire::ReportBlock& block, WallTime wall);

    Reception reception_;
    std::uint32_t their_report_ = 0;  // the middle of the NTP time in their newest sender report
    Time their_report_at_{};
    Duration jitter_{};
    std::optional<Duration> round_trip_;
    double loss_ = 0;
    double expected_loss_ = 0;
};

}  // namespace connectsphere::media
