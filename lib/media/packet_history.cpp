#include "lib/media/packet_history.hpp"

#include <algorithm>

namespace connectsphere::media {

void PacketHistory::keep(std::int64_t seq, Bytes packet) {
    if (slots_.empty() || seq <= 0 || packet.size() > kMaxDatagramAccepted) return;
    // Not zeroed: a page that no packet has come to costs no memory.
    if (!block_)
        block_ = std::make_unique_for_overwrite<std::uint8_t[]>(slots_.size() * kMaxDatagramAccepted);
    const std::size_t place = place_of(seq);
    if (slots_[place].seq > seq) return;  // a newer one lives here: this is too old to be asked for
    slots_[place] = {.seq = seq, .size = packet.size()};
    std::copy(packet.begin(), packet.end(), &block_[place * kMaxDatagramAccepted]);
}

Bytes PacketHistory::find(std::int64_t seq) const {
    if (slots_.empty() || seq <= 0) return {};
    const std::size_t place = place_of(seq);
    if (slots_[place].seq != seq) return {};
    return {&block_[place * kMaxDatagramAccepted], slots_[place].size};
}

void PacketHistory::clear() { std::ranges::fill(slots_, Slot{}); }

}  // namespace connectsphere::media
