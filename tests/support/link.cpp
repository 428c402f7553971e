#include "tests/support/link.hpp"

#include <algorithm>

namespace connectsphere::testing {

double Link::uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

// Draws even where the answer is sure: changing one probability then leaves the other decisions as they were.
bool Link::happens(double probability) { return uniform() < probability; }

Link::Arrivals Link::carry(std::size_t bytes, Time now) {
    ++counts_.offered;
    const bool is_lost = happens(quality_.loss);
    const bool is_doubled = happens(quality_.duplicate);
    const bool is_held = happens(quality_.reorder);
    const auto wobble = static_cast<Duration::rep>(uniform() * static_cast<double>(quality_.jitter.count()));
    if (is_lost) {
        ++counts_.lost;
        return {};
    }

    Time sent = now;
    if (quality_.bits_per_second > 0) {
        sent = std::max(now, free_at_) + Duration(bytes * 8 * 1'000'000'000 / quality_.bits_per_second);
        if (sent - now > quality_.max_queue) {
            ++counts_.overflowed;
            return {};
        }
        free_at_ = sent;
    }

    Time arrival = sent + quality_.delay + Duration(wobble);
    if (is_held) {
        ++counts_.reordered;
        arrival += quality_.reorder_hold;
    } else {
        arrival = newest_arrival_ = std::max(arrival, newest_arrival_);
    }
    if (!is_doubled) return {.at = {arrival}, .count = 1};
    ++counts_.duplicated;
    return {.at = {arrival, arrival}, .count = 2};
}

}  // namespace connectsphere::testing
