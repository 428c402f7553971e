// RTCP with one participant (RFC 3550 section 6): what we tell it about its voice and our mix, what it tells
// us about the mix. It is asked for nothing: a report goes out in answer to one that came, at most every 5 s,
// so that a room in which nobody talks needs no timer.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/seq.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/rtp.hpp"
#include "services/audio-mixer/mix_sender.hpp"

namespace connectsphere::mixer {

// What arrives of one RTP stream, as reports count it (RFC 3550 appendix A.3 and A.8).
class Reception {
  public:
    void on_packet(const wire::RtpHeader& header, Time arrival);
    bool has_packets() const { return received_ > 0; }
    std::uint64_t received() const { return received_; }
    std::int64_t lost() const;
    wire::ReportBlock report(Ssrc ssrc);  // starts the next interval

  private:
    SeqUnwrapper seq_;
    std::int64_t first_ = 0;
    std::uint64_t received_ = 0;
    std::int64_t expected_before_ = 0;  // at the last report
    std::uint64_t received_before_ = 0;
    std::optional<double> transit_;  // of the last packet, in samples
    double jitter_ = 0;              // in samples
};

class Feedback {
  public:
    void on_rtp(const wire::RtpHeader& header, Time arrival) { reception_.on_packet(header, arrival); }
    // False: it is no RTCP. `mix` is what the blocks have to be about.
    bool on_rtcp(Bytes compound, Ssrc mix, Time arrival, WallTime wall);

    // True at most every 5 s: then write().
    bool is_due(Time now) const { return now >= next_report_; }
    // A compound of a sender report, with a block about the voice if there is one, and a CNAME.
    void write(Writer& w, const MixSender& mix, Ssrc voice, std::uint32_t timestamp, Time now, WallTime wall);

    const Reception& reception() const { return reception_; }
    Duration jitter() const { return jitter_; }          // as the participant sees the mix
    Duration round_trip() const { return round_trip_; }  // zero: not known yet
    double loss() const { return loss_; }                // 0 to 1, over its last report interval

  private:
    void on_block(const wire::ReportBlock& block, WallTime wall);

    Reception reception_;
    Time next_report_{};
    std::uint32_t their_report_ = 0;  // the middle of the NTP time in their newest sender report
    Time their_report_at_{};
    Duration jitter_{};
    Duration round_trip_{};
    double loss_ = 0;
};

}  // namespace connectsphere::mixer
