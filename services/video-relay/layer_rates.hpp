// LayerRates: how many bits a second an encoding takes, by temporal layer, as measured of late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/base/time.hpp"
#include "services/video-relay/allocation.hpp"

namespace connectsphere::relay {

class LayerRates {
  public:
    static constexpr Duration kWindow = 500ms;
    static constexpr Duration kStale = 2s;

    void on_packet(std::uint8_t temporal_layer, std::size_t bytes, Time at);

    bool is_known(Time now) const { return has_window_ && now - newest_at_ < kStale; }
    // Of all frames up to this layer.
    double up_to(int temporal_layer) const;

  private:
    std::array<std::uint64_t, kMaxLevel + 1> bytes_{};  // of the window at hand
    std::array<double, kMaxLevel + 1> rates_{};         // bit/s, of the newest whole window
    Time window_at_{};
    Time newest_at_{};
    bool has_window_ = false;
};

}  // namespace connectsphere::relay
