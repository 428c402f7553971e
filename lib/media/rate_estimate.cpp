#include "lib/media/rate_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace connectsphere::media {

Duration RateEstimate::Base::on_round_trip(Duration sample, Time now) {
    if (now - window_at_ >= kBaseWindow) {
        before_ = std::exchange(shortest_, Duration::max());
        window_at_ = now;
    }
    shortest_ = std::min(shortest_, sample);
    return std::min(shortest_, before_);
}

void RateEstimate::on_round_trip(Duration round_trip, Time now) {
    const Duration queued = round_trip - base_.on_round_trip(round_trip, now);
    some_.on_round_trip(queued > kSomeDelay, now);
    long_.on_round_trip(queued > kLongDelay, now);
    is_timed_ = true;
}

void RateEstimate::on_report(const Report& report, Time now) {
    if (report.round_trip) on_round_trip(*report.round_trip, now);
    if (!interval_at_) {
        interval_at_ = loss_at_ = now;
        interval_bytes_ = report.bytes_sent;
        return;
    }
    const bool is_old = now - backed_off_at_ < kBackOffGap;  // it speaks of the rate before
    expected_ += is_old ? 0 : report.expected;
    lost_ += is_old ? 0 : std::min(report.lost, report.expected);
    const Duration interval = now - *interval_at_;
    if (interval < kMinInterval) return;
    const double sent = static_cast<double>(report.bytes_sent - interval_bytes_) * 8 / seconds(interval);
    const bool is_heavy = judge_loss(now) && loss_ > kHeavyLoss;
    const bool is_timed = std::exchange(is_timed_, false);
    const bool is_queue = long_.is_standing() || (loss_ > kLightLoss && some_.is_standing());
    if (is_heavy || (is_timed && is_queue)) {
        back_off(sent * (1 - loss_), now);
    } else if (now - backed_off_at_ > kHold && loss_ <= kHeavyLoss) {
        estimate_ *= std::pow(loss_ <= kLightLoss ? kGrowth : kSlowGrowth, seconds(interval));
        if (estimate_ > kMost) estimate_ = kUnlimited;
    }
    interval_at_ = now;
    interval_bytes_ = report.bytes_sent;
}

bool RateEstimate::judge_loss(Time now) {
    if (expected_ == 0 || (expected_ < kLossPackets && now - loss_at_ < kLossInterval)) return false;
    loss_ = static_cast<double>(lost_) / static_cast<double>(expected_);
    expected_ = lost_ = 0;
    loss_at_ = now;
    return true;
}

void RateEstimate::back_off(double arrived, Time now) {
    if (now - backed_off_at_ < kBackOffGap) return;
    const double least = estimate_ == kUnlimited ? kLeast : std::max(kLeast, estimate_ * kMostBackOff);
    estimate_ = std::min(estimate_, std::max(arrived * kBackOff, least));
    backed_off_at_ = now;
    expected_ = lost_ = 0;
    loss_ = 0;
}

void RateEstimate::on_ceiling(double bits_per_second, Time now) {
    ceiling_ = std::max(bits_per_second, kLeast);
    ceiling_at_ = now;
}

double RateEstimate::bits_per_second(Time now) const {
    const bool has_ceiling = ceiling_ != kUnlimited && now - ceiling_at_ < kCeilingLife;
    return has_ceiling ? std::min(estimate_, ceiling_) : estimate_;
}

}  // namespace connectsphere::media
