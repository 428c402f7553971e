#include "lib/media/rate_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace connectsphere::media {

void RateEstimate::on_report(const Report& report, Time now) {
    if (report.round_trip) shortest_ = std::min(shortest_.value_or(*report.round_trip), *report.round_trip);
    loss_ = std::max(loss_, report.loss);
    if (!interval_at_) {
        interval_at_ = now;
        interval_bytes_ = report.bytes_sent;
        return;
    }
    const Duration interval = now - *interval_at_;
    if (interval < kMinInterval) return;
    const double sent = static_cast<double>(report.bytes_sent - interval_bytes_) * 8 / seconds(interval);
    const Duration queued = report.round_trip ? *report.round_trip - *shortest_ : Duration{};
    const bool is_congested =
        loss_ > kHeavyLoss || queued > kLongDelay || (loss_ > kLightLoss && queued > kSomeDelay);
    if (is_congested && now - backed_off_at_ >= kBackOffGap) {
        const double arrived = sent * (1 - loss_);
        const double least = estimate_ == kUnlimited ? kLeast : std::max(kLeast, estimate_ * kMostBackOff);
        estimate_ = std::min(estimate_, std::max(arrived * kBackOff, least));
        backed_off_at_ = now;
    } else if (!is_congested && loss_ <= kLightLoss && now - backed_off_at_ > kHold) {
        estimate_ *= std::pow(kGrowth, seconds(interval));
        if (estimate_ > kMost) estimate_ = kUnlimited;
    }
    interval_at_ = now;
    interval_bytes_ = report.bytes_sent;
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
