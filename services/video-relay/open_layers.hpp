// OpenLayers: which temporal layers of one VP8 encoding a receiver gets, and from which packet on to which
// (RFC 7741 section 4.2). Layer 0 always. A layer above opens at a frame that needs layer 0 only (the Y bit),
// or at a key frame; it closes at once.
//
//   frame     K  2  1  2  0  2Y 1Y 2  0
//   level     2  2  0  0  0  2  2  2  2
//   sent      K  2  .  .  0  .  1  .  0      layer 1 opens first; layer 2 waits for its next Y
//
// Who gets a picture late must know which layers were whole in its time: the numbers of what was left out are
// closed, so a receiver can not see that a frame needs one of those.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "services/video-relay/allocation.hpp"

namespace connectsphere::relay {

class OpenLayers {
  public:
    struct Frame {
        int layer = 0;
        bool is_key = false;
        bool layer_sync = false;  // Y
    };

    // The newest frame, at the packet `seq` (unwrapped) of it; `level`: how many layers the receiver may get.
    bool admit(const Frame& frame, int level, std::int64_t seq) {
        close_above(level, seq);
        if (frame.is_key) {
            for (int layer = open_ + 1; layer <= level; ++layer)
                open(layer, seq);  // all needs only this frame
        } else if (frame.layer == open_ + 1 && frame.layer <= level && frame.layer_sync) {
            open(frame.layer, seq);
        }
        return frame.layer <= open_;
    }

    // Whether a frame before the newest, that `seq` is of, would have been admitted.
    bool had(int layer, std::int64_t seq) const {
        if (layer <= 0) return true;
        if (layer > kMaxLevel) return false;
        const Span& span = spans_[static_cast<std::size_t>(layer)];
        return seq >= span.since && seq < span.until;
    }

    void clear() { *this = {}; }

  private:
    struct Span {
        std::int64_t since = std::numeric_limits<std::int64_t>::max();
        std::int64_t until = std::numeric_limits<std::int64_t>::max();
    };

    void open(int layer, std::int64_t seq) {
        spans_[static_cast<std::size_t>(layer)] = {.since = seq};
        open_ = layer;
    }
    void close_above(int level, std::int64_t seq) {
        for (; open_ > level && open_ > 0; --open_) spans_[static_cast<std::size_t>(open_)].until = seq;
    }

    int open_ = 0;
    std::array<Span, kMaxLevel + 1> spans_{};
};

}  // namespace connectsphere::relay
