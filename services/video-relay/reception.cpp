#include "services/video-relay/reception.hpp"

#include <cmath>

namespace connectsphere::relay {

std::int64_t Reception::on_packet(std::uint16_t seq, std::uint32_t timestamp, std::size_t bytes, Time at) {
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

void Reception::restart() {
    expected_before_ = expected();
    unwrapper_ = {};
    first_seq_.reset();
    last_timestamp_.reset();
}

std::uint64_t Reception::expected() const {
    if (!first_seq_) return expected_before_;
    return expected_before_ + static_cast<std::uint64_t>(*unwrapper_.highest() - *first_seq_ + 1);
}

std::uint64_t Reception::lost() const {
    const std::uint64_t all = expected();
    return all > packets_ ? all - packets_ : 0;
}

double Reception::jitter_seconds() const { return jitter_ / clock_rate_; }

}  // namespace connectsphere::relay
