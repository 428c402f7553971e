#include "lib/media/video_reception.hpp"

#include <cmath>

#include "lib/wire/ntp.hpp"

namespace connectsphere::media {
namespace {

constexpr std::int64_t kSeqCycle = 1 << 16;

}  // namespace

std::int64_t VideoReception::on_packet(std::uint16_t seq, std::uint32_t timestamp, std::size_t bytes,
                                       Time at) {
    const std::int64_t unwrapped = unwrapper_.unwrap(seq);
    first_seq_ = std::min(first_seq_.value_or(unwrapped), unwrapped);
    ++packets_;
    bytes_ += bytes;
    // A frame's packets share a timestamp and leave one after another: only the first of each frame says
    // how evenly the network delivers.
    if (last_timestamp_ != timestamp) {
        if (last_timestamp_) {
            const auto sent = static_cast<std::int32_t>(timestamp - *last_timestamp_);
            const double deviation = std::abs(seconds(at - last_at_) * clock_rate_ - sent);
            jitter_ += (deviation - jitter_) / 16;
        }
        last_timestamp_ = timestamp;
        last_at_ = at;
    }
    return unwrapped;
}

void VideoReception::restart() {
    expected_before_ = expected();
    unwrapper_ = {};
    first_seq_.reset();
    last_timestamp_.reset();
}

void VideoReception::on_sender_report(std::uint64_t ntp, Time at) {
    sender_report_ = wire::ntp_middle(ntp);
    sender_report_at_ = at;
}

wire::ReportBlock VideoReception::report(Ssrc ssrc, Time now) {
    // RFC 3550 appendix A.3. Duplicates may make the loss negative; the fraction is then zero.
    const std::uint64_t all = expected();
    const auto due = static_cast<std::int64_t>(all - reported_expected_);
    const auto came = static_cast<std::int64_t>(packets_ - reported_packets_);
    reported_expected_ = all;
    reported_packets_ = packets_;
    const std::int64_t fraction =
        due > 0 && due > came ? std::min<std::int64_t>((due - came) * 256 / due, 255) : 0;
    // The unwrapper's first cycle is its second: numbers from before the first one stay positive.
    const std::int64_t highest = unwrapper_.highest().value_or(kSeqCycle) - kSeqCycle;
    return {.ssrc = ssrc,
            .fraction_lost = static_cast<std::uint8_t>(fraction),
            .lost = static_cast<std::int32_t>(static_cast<std::int64_t>(all) -
                                              static_cast<std::int64_t>(packets_)),
            .highest_seq = static_cast<std::uint32_t>(highest),
            .jitter = static_cast<std::uint32_t>(jitter_),
            .last_report = sender_report_,
            .delay = sender_report_ == 0 ? 0 : wire::to_ntp_short(now - sender_report_at_)};
}

std::uint64_t VideoReception::expected() const {
    if (!first_seq_) return expected_before_;
    return expected_before_ + static_cast<std::uint64_t>(*unwrapper_.highest() - *first_seq_ + 1);
}

std::uint64_t VideoReception::lost() const {
    const std::uint64_t all = expected();
    return all > packets_ ? all - packets_ : 0;
}

double VideoReception::jitter_seconds() const { return jitter_ / clock_rate_; }

}  // namespace connectsphere::media
