// RTCP with one participant (RFC 3550 section 6): what we tell it about its voice and our mix, what it tells
// us about the mix. It is asked for nothing: a report goes out in answer to one that came, at most once a
// second, so that a room in which nobody talks needs no timer.
#pragma once

#include "lib/media/reports.hpp"
#include "services/audio-mixer/mix_sender.hpp"

namespace connectsphere::mixer {

class Feedback {
  public:
    void on_rtp(const wire::RtpHeader& header, Time arrival) { reports_.on_rtp(header, arrival); }
    // False: it is no RTCP. `mix` is what the blocks have to be about.
    bool on_rtcp(Bytes compound, Ssrc mix, Time arrival, WallTime wall) {
        return reports_.on_rtcp(compound, mix, arrival, wall);
    }

    // True at most once a second: then write().
    bool is_due(Time now) const { return now >= next_report_; }
    // A compound of a sender report, with a block about the voice, and a CNAME.
    void write(Writer& w, const MixSender& mix, Ssrc voice, std::uint32_t timestamp, Time now, WallTime wall);

    const media::ReportExchange& reports() const { return reports_; }

  private:
    media::ReportExchange reports_;
    Time next_report_{};
};

}  // namespace connectsphere::mixer
