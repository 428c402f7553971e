// H.264 in RTP (RFC 6184), packetization mode 1: a NAL unit in a packet of its own, several small ones in one
// (STAP-A), or one in several (FU-A).
//
//    0                   1                   2
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
//   +-+-+-+-+-+-+-+-+-------------------------------+
//   |F|NRI|  1..23  |  the NAL unit's own bytes …   |   single
//   |F|NRI|   24    |  size (16)  | NAL unit | …    |   STAP-A
//   |F|NRI|   28    |S|E|R|  type   |  fragment …   |   FU-A; S, E: its first and last
//   +-+-+-+-+-+-+-+-+-------------------------------+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMaxH264Frame = 4 << 20;  // bytes of an access unit
constexpr std::size_t kMaxH264Units = 256;      // NAL units of an access unit
constexpr std::uint8_t kH264Idr = 5;            // NAL unit types
constexpr std::uint8_t kH264Sps = 7;
constexpr std::uint8_t kH264Pps = 8;

constexpr std::uint8_t h264_unit_type(std::uint8_t first_byte) { return first_byte & 0x1F; }

// The NAL units of an access unit in the byte-stream format (ISO 14496-10 annex B: behind start codes),
// without empty ones; `out` is replaced. They borrow from `stream`.
void split_h264(Bytes stream, std::vector<Bytes>& out);

struct H264Payload {
    enum class Kind { single, aggregate, fragment };
    Kind kind = Kind::single;
    bool is_start = true;     // fragment: the first of its unit
    bool is_end = true;       // fragment: the last
    std::uint8_t header = 0;  // the unit's first byte, put together again from a fragment's
    Bytes data{};  // single: the unit; fragment: its bytes without the first; aggregate: sizes and units
};

// Everything is checked: the sizes in an aggregate fit. `unsupported` for the types of other modes.
Result<H264Payload> parse_h264_payload(Bytes payload);

// Calls visit(unit) for each NAL unit of an aggregate that was parsed.
template <class Visit>
void for_each_h264_unit(const H264Payload& aggregate, Visit visit) {
    Reader r(aggregate.data);
    while (r.left() > 0) visit(r.bytes(r.u16()));
}

// A decoder can begin here: the payload has (the start of) an IDR slice, or a parameter set, which our
// senders and the stock ones put in front of it.
bool starts_h264_key_frame(const H264Payload& payload);

// Cuts one access unit into payloads. The units, which are borrowed, must not be empty.
class H264Packetizer {
  public:
    H264Packetizer(std::span<const Bytes> units, std::size_t max_payload);

    std::size_t count() const { return pieces_.size(); }
    bool is_last(std::size_t i) const { return i + 1 == count(); }  // carries the RTP marker

    // Writes payload `i` and returns its size, 0 when `out` is too short.
    std::size_t write(std::size_t i, MutableBytes out) const;

  private:
    struct Piece {
        std::size_t first_unit;
        std::size_t units;   // more than one: STAP-A
        std::size_t offset;  // of a fragment in its unit, after the first byte; `size` 0: not a fragment
        std::size_t size;
    };
    void add_fragments(std::size_t unit, std::size_t max_payload);

    std::span<const Bytes> units_;
    std::vector<Piece> pieces_;
};

}  // namespace connectsphere::wire
