#include "tests/sim/relay/chain_codec.hpp"

#include <algorithm>
#include <array>

namespace connectsphere::test {
namespace {

constexpr std::uint8_t kBecomesLast = 1, kBecomesGolden = 2;

struct Slot {
    ChainFrame frame;
    bool needs_golden;
    std::uint8_t becomes;
};
constexpr std::array<Slot, 4> kSlots{{{{0, false}, false, kBecomesLast},
                                      {{2, true}, false, 0},
                                      {{1, true}, false, kBecomesGolden},
                                      {{2, false}, true, 0}}};

}  // namespace

ChainFrame ChainEncoder::encode(MutableBytes frame, bool key_frame, std::uint8_t filling) {
    const std::uint32_t number = next_++;
    if (key_frame) slot_ = 0;
    const Slot& slot = kSlots[slot_];
    const auto becomes = static_cast<std::uint8_t>(key_frame ? kBecomesLast | kBecomesGolden : slot.becomes);
    std::ranges::fill(frame, filling);
    Writer w(frame);
    w.u8(key_frame ? 0 : 1);
    w.u32(number);
    w.u32(key_frame ? kNoReference : last_);
    w.u32(!key_frame && slot.needs_golden ? golden_ : kNoReference);
    w.u8(becomes);
    if ((becomes & kBecomesLast) != 0) last_ = number;
    if ((becomes & kBecomesGolden) != 0) golden_ = number;
    slot_ = key_frame ? 1 : (slot_ + 1) % kSlots.size();
    return key_frame ? ChainFrame{} : slot.frame;
}

bool ChainDecoder::decode(Bytes frame) {
    Reader r(frame);
    (void)r.u8();
    const std::uint32_t number = r.u32();
    const std::uint32_t last = r.u32();
    const std::uint32_t golden = r.u32();
    const std::uint8_t becomes = r.u8();
    const bool is_good =
        r.ok() && (last == kNoReference || last == last_) && (golden == kNoReference || golden == golden_);
    if ((becomes & kBecomesLast) != 0) last_ = number;
    if ((becomes & kBecomesGolden) != 0) golden_ = number;
    return is_good;
}

}  // namespace connectsphere::test
