#include "services/audio-mixer/tick_schedule.hpp"

#include <algorithm>

namespace connectsphere::mixer {

void TickSchedule::start(Time now) {
    if (next_ == kNever) next_ = Time{(index(now) + 1) * media::kFrameDuration};
}

std::optional<Time> TickSchedule::take_due(Time now) {
    if (now < next_) return std::nullopt;
    const std::int64_t behind = (now - next_) / media::kFrameDuration;
    if (behind >= kMaxCatchUp) {
        const std::int64_t too_old = behind - kMaxCatchUp + 1;
        next_ += too_old * media::kFrameDuration;
        skipped_ += static_cast<std::uint64_t>(too_old);
    }
    const Time tick = next_;
    next_ += media::kFrameDuration;
    lateness_[ticks_ % kWindow] = now - tick;
    ++ticks_;
    if (now >= next_) ++late_;
    return tick;
}

TickSchedule::Lateness TickSchedule::lateness() const {
    const std::size_t count = std::min<std::uint64_t>(ticks_, kWindow);
    if (count == 0) return {};
    auto sorted = lateness_;
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return {sorted[count / 2], sorted[count * 99 / 100], sorted[count - 1]};
}

}  // namespace connectsphere::mixer
