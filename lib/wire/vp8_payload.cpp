#include "lib/wire/vp8_payload.hpp"

#include <algorithm>
#include <cassert>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kExtended = 0x80;
constexpr std::uint8_t kNonReference = 0x20;
constexpr std::uint8_t kStart = 0x10;
constexpr std::uint8_t kPartition = 0x07;

constexpr std::uint8_t kHasPictureId = 0x80;
constexpr std::uint8_t kHasTl0Index = 0x40;
constexpr std::uint8_t kHasLayer = 0x20;
constexpr std::uint8_t kHasKeyIndex = 0x10;

constexpr std::uint8_t kLongPictureId = 0x80;
constexpr std::uint8_t kLayerSync = 0x20;
constexpr std::uint8_t kKeyIndex = 0x1F;

}  // namespace

Result<Vp8Payload> parse_vp8_payload(Bytes bytes) {
    Reader r(bytes);
    Vp8Payload payload{};
    Vp8Descriptor& descriptor = payload.descriptor;
    const std::uint8_t first = r.u8();
    const std::uint8_t extensions = (first & kExtended) != 0 ? r.u8() : std::uint8_t{0};
    const auto position = [&] { return bytes.size() - r.left(); };
    if ((extensions & kHasPictureId) != 0) {
        payload.picture_id_at = position();
        const std::uint8_t upper = r.u8();
        descriptor.is_picture_id_long = (upper & kLongPictureId) != 0;
        descriptor.picture_id = descriptor.is_picture_id_long
                                    ? static_cast<std::uint16_t>((upper & ~kLongPictureId) << 8 | r.u8())
                                    : std::uint16_t{upper};
    }
    if ((extensions & kHasTl0Index) != 0) {
        payload.tl0_index_at = position();
        descriptor.tl0_index = r.u8();
    }
    if ((extensions & (kHasLayer | kHasKeyIndex)) != 0) {
        const std::uint8_t layer = r.u8();
        if ((extensions & kHasLayer) != 0) {
            descriptor.temporal_layer = static_cast<std::uint8_t>(layer >> 6);
            descriptor.layer_sync = (layer & kLayerSync) != 0;
        }
        if ((extensions & kHasKeyIndex) != 0)
            descriptor.key_index = static_cast<std::uint8_t>(layer & kKeyIndex);
    }
    payload.data = r.rest();
    if (!r.ok() || payload.data.empty()) return Error{Errc::truncated, "vp8 payload"};
    descriptor.non_reference = (first & kNonReference) != 0;
    descriptor.partition = first & kPartition;
    descriptor.is_start = (first & kStart) != 0 && descriptor.partition == 0;
    return payload;
}

void set_vp8_numbers(MutableBytes payload, const Vp8Payload& parsed, std::uint16_t picture_id,
                     std::uint8_t tl0_index) {
    if (parsed.picture_id_at != 0) {
        Writer w(payload.subspan(parsed.picture_id_at));
        if (parsed.descriptor.is_picture_id_long) {
            w.u16(static_cast<std::uint16_t>(kLongPictureId << 8 | (picture_id & kVp8PictureIdMask)));
        } else {
            w.u8(static_cast<std::uint8_t>(picture_id & ~kLongPictureId));
        }
    }
    if (parsed.tl0_index_at != 0) payload[parsed.tl0_index_at] = tl0_index;
}

Vp8Packetizer::Vp8Packetizer(const Vp8Frame& frame, std::size_t max_payload) : frame_(frame) {
    assert(!frame.data.empty() && max_payload > kVp8DescriptorSize);
    const std::size_t room = max_payload - kVp8DescriptorSize;
    count_ = (frame.data.size() + room - 1) / room;
}

std::size_t Vp8Packetizer::write(std::size_t i, MutableBytes out) const {
    assert(i < count_);
    const std::size_t begin = frame_.data.size() * i / count_;
    const std::size_t end = frame_.data.size() * (i + 1) / count_;
    Writer w(out);
    w.u8(static_cast<std::uint8_t>(kExtended | (frame_.non_reference ? kNonReference : 0) |
                                   (i == 0 ? kStart : 0)));
    w.u8(kHasPictureId | kHasTl0Index | kHasLayer);
    w.u16(static_cast<std::uint16_t>(kLongPictureId << 8 | (frame_.picture_id & kVp8PictureIdMask)));
    w.u8(frame_.tl0_index);
    w.u8(static_cast<std::uint8_t>(frame_.temporal_layer << 6 | (frame_.layer_sync ? kLayerSync : 0)));
    w.bytes(frame_.data.subspan(begin, end - begin));
    return w.ok() ? w.size() : 0;
}

}  // namespace connectsphere::wire
