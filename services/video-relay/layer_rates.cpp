#include "services/video-relay/layer_rates.hpp"

#include <algorithm>

namespace connectsphere::relay {

void LayerRates::on_packet(std::uint8_t temporal_layer, std::size_t bytes, Time at) {
    const Duration window = at - window_at_;
    if (window >= kWindow) {
        const bool is_whole = window < kStale;  // else the stream was away
        for (std::size_t i = 0; i < bytes_.size() && is_whole; ++i)
            rates_[i] = static_cast<double>(bytes_[i]) * 8 / seconds(window);
        has_window_ = is_whole;
        bytes_ = {};
        window_at_ = at;
    }
    bytes_[std::min<std::size_t>(temporal_layer, kMaxLevel)] += bytes;
    newest_at_ = at;
}

double LayerRates::up_to(int temporal_layer) const {
    double sum = 0;
    for (int i = 0; i <= temporal_layer && i <= kMaxLevel; ++i) sum += rates_[static_cast<std::size_t>(i)];
    return sum;
}

}  // namespace connectsphere::relay
