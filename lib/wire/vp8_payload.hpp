// VP8 in RTP (RFC 7741): each packet carries a piece of a frame behind a descriptor. Ours always has all of
// it, with a PictureID of 15 bits, so that a relay can renumber in place.
//
//    0 1 2 3 4 5 6 7
//   +-+-+-+-+-+-+-+-+
//   |X|R|N|S|R| PID |   N: no other frame needs this one; S, PID: a partition starts here, which
//   |I|L|T|K|  RSV  |   X: what follows
//   |M| PictureID   |   I: counts frames; M: in 15 bits
//   |   PictureID   |
//   |   TL0PICIDX   |   L: counts frames of temporal layer 0
//   |TID|Y| KEYIDX  |   T: the temporal layer; Y: it needs layer 0 only. K: counts key frames
//   +-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMaxVp8Frame = 4 << 20;  // bytes
constexpr std::size_t kVp8DescriptorSize = 6;  // as we write it
constexpr std::uint16_t kVp8PictureIdMask = 0x7FFF;

struct Vp8Descriptor {
    bool non_reference = false;
    bool is_start = false;       // of the frame: the first partition begins here
    std::uint8_t partition = 0;  // 0 to 7
    std::optional<std::uint16_t> picture_id{};
    bool is_picture_id_long = false;  // 15 bits
    std::optional<std::uint8_t> tl0_index{};
    std::optional<std::uint8_t> temporal_layer{};  // 0 to 3
    bool layer_sync = false;                       // it needs layer 0 only
    std::optional<std::uint8_t> key_index{};       // 5 bits

    bool operator==(const Vp8Descriptor&) const = default;
};

struct Vp8Payload {
    Vp8Descriptor descriptor;
    Bytes data;
    std::size_t picture_id_at = 0;  // where a PictureID and a TL0PICIDX stand in the payload; 0: nowhere
    std::size_t tl0_index_at = 0;

    // Only a packet that starts a frame can tell (RFC 7741 section 4.3).
    bool starts_key_frame() const { return descriptor.is_start && (data[0] & 1) == 0; }
};

Result<Vp8Payload> parse_vp8_payload(Bytes payload);

// Renumbers in place; what the payload does not have is left out. It must have been parsed to `parsed`.
void set_vp8_numbers(MutableBytes payload, const Vp8Payload& parsed, std::uint16_t picture_id,
                     std::uint8_t tl0_index);

struct Vp8Frame {
    std::uint16_t picture_id = 0;  // 15 bits
    std::uint8_t tl0_index = 0;
    std::uint8_t temporal_layer = 0;
    bool layer_sync = false;
    bool non_reference = false;
    Bytes data{};  // borrowed
};

// Cuts one frame into payloads of nearly one size. A frame is never empty.
class Vp8Packetizer {
  public:
    Vp8Packetizer(const Vp8Frame& frame, std::size_t max_payload);

    std::size_t count() const { return count_; }
    bool is_last(std::size_t i) const { return i + 1 == count_; }  // carries the RTP marker

    // Writes payload `i` and returns its size, 0 when `out` is too short.
    std::size_t write(std::size_t i, MutableBytes out) const;

  private:
    Vp8Frame frame_;
    std::size_t count_;
};

}  // namespace connectsphere::wire
