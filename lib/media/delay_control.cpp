#include "lib/media/delay_control.hpp"

#include <algorithm>

namespace connectsphere::media {
namespace {

constexpr std::size_t kWindow = 256;  // packets: 5 s of talk
constexpr Duration kMemory = 10s;     // older ones do not count, however few have come since
constexpr std::size_t kEnough = 10;   // packets, to trust what was measured
constexpr int kMeasureEvery = 10;     // packets
constexpr double kPercentile = 0.98;
constexpr double kLossMemory = 1.0 / 256;   // per packet
constexpr double kLossWorthWaiting = 0.01;  // enter; leave at half of it

}  // namespace

DelayControl::DelayControl(const DelayLimits& limits)
    : limits_(limits), window_(kWindow), scratch_(kWindow), target_(limits.initial) {}

void DelayControl::on_packet(std::int64_t timestamp, Time arrival) {
    const Duration transit = arrival.time_since_epoch() - samples_to_duration(timestamp);
    window_[next_] = {arrival, transit};
    next_ = (next_ + 1) % kWindow;
    used_ = std::min(used_ + 1, kWindow);
    base_ = used_ == 1 ? transit : std::min(base_, transit);
    // A packet that lags more than any is news that can not wait for the next round.
    if (--until_measure_ <= 0 || transit - base_ > target_) measure(arrival);
}

void DelayControl::on_outcome(bool lost) {
    loss_ += ((lost ? 1.0 : 0.0) - loss_) * kLossMemory;
    const bool worth_it = loss_ > (waits_for_fec_ ? kLossWorthWaiting / 2 : kLossWorthWaiting);
    if (worth_it == waits_for_fec_) return;
    waits_for_fec_ = worth_it;
    set_target();
}

void DelayControl::restart() {
    used_ = 0;
    next_ = 0;
    until_measure_ = 0;
}

Time DelayControl::ideal_arrival(std::int64_t timestamp) const {
    return Time(samples_to_duration(timestamp) + base_);
}

void DelayControl::measure(Time now) {
    until_measure_ = kMeasureEvery;
    std::size_t count = 0;
    for (std::size_t i = 0; i < used_; ++i) {
        if (now - window_[i].arrival <= kMemory) scratch_[count++] = window_[i].transit;
    }
    const auto begin = scratch_.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(count);
    base_ = *std::min_element(begin, end);  // never empty: it holds the packet that just came
    if (count < kEnough) return;
    const auto rank = begin + static_cast<std::ptrdiff_t>(static_cast<double>(count - 1) * kPercentile);
    std::nth_element(begin, rank, end);
    jitter_ = *rank - base_;
    set_target();
}

void DelayControl::set_target() {
    Duration wanted = std::max(jitter_, limits_.min);
    if (used_ < kEnough) wanted = std::max(wanted, limits_.initial);
    if (waits_for_fec_) wanted += kFrameDuration;
    target_ = std::min(wanted, limits_.max);
}

}  // namespace connectsphere::media
