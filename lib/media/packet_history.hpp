// PacketHistory: the newest packets of one stream as they were, for those who ask for one again. Bounded: a
// new packet takes the place of the one that is as many numbers older as there are places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/datagram.hpp"

namespace connectsphere::media {

class PacketHistory {
  public:
    explicit PacketHistory(std::size_t packets = 0) : slots_(packets) {}

    // `seq` is unwrapped and positive. What is longer than kMaxDatagramAccepted is not kept.
    void keep(std::int64_t seq, Bytes packet);
    // Empty: never kept, or no longer.
    Bytes find(std::int64_t seq) const;
    void clear();

  private:
    struct Slot {
        std::int64_t seq = 0;  // 0: free
        std::size_t size = 0;
    };
    std::size_t place_of(std::int64_t seq) const { return static_cast<std::size_t>(seq) % slots_.size(); }

    std::vector<Slot> slots_;
    std::unique_ptr<std::uint8_t[]> block_;  // of all slots; made, untouched, by the first packet
};

}  // namespace connectsphere::media
