#include "lib/media/rate_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace connectsphere::media {

void RateEstimate::on_report(const Report& report, Time now) {
    if (report.round_trip) {
        shortest_ = std::min(shortest_.value_or(*report.round_trip), *report.round_trip);
        const Duration queued = *report.round_trip - *shortest_;
        some_.on_round_trip(queued > kSomeDelay, now);
        long_.on_round_trip(queued > kLongDelay, now);
    }
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
    if (is_heavy || long_.is_standing(now) || (loss_ > kLightLoss && some_.is_standing(now))) {
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
