#include "services/audio-mixer/feedback.hpp"

namespace connectsphere::mixer {
namespace {

// A little less than the second that clients take, so that their jitter does not cost every other report.
constexpr Duration kReportInterval = 900ms;

}  // namespace

void Feedback::write(Writer& w, const MixSender& mix, Ssrc voice, std::uint32_t timestamp, Time now,
                     WallTime wall) {
    next_report_ = now + kReportInterval;
    const media::ReportExchange::Sent sent{.ssrc = mix.ssrc(),
                                           .packets = mix.packets(),
                                           .payload_bytes = mix.payload_bytes(),
                                           .timestamp = timestamp};
    reports_.write(w, sent, voice, "mixer", now, wall);
}

}  // namespace connectsphere::mixer
