// JPEG in RTP (RFC 2435): a frame's scan in fragments, each behind a header that says enough to decode it.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   | type-specific |              fragment offset                  |  always
//   |     type      |       Q       |    width / 8  |   height / 8  |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |       restart interval        |F|L|       restart count       |  types 64 and 65
//   |      MBZ      |   precision   |            length             |  Q >= 128, in the first fragment
//   |                 quantisation tables ...                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/wire/jpeg.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMinJpegPayload =
    256;  // the smallest `max_payload`: the headers of a first fragment and data

// Cuts one frame into payloads. We always send Q = 255: the tables come with every frame, so that a receiver
// may begin at any. The frame's bytes must outlive it.
class JpegPacketizer {
  public:
    // A max_payload below kMinJpegPayload counts as that; a frame's scan is at most kMaxJpegScan.
    JpegPacketizer(const JpegFrame& frame, std::size_t max_payload);

    std::size_t count() const { return count_; }
    bool is_last(std::size_t i) const { return i + 1 == count_; }  // carries the RTP marker

    // Writes payload `i` and returns its size, 0 when `out` is too short.
    std::size_t write(std::size_t i, MutableBytes out) const;

  private:
    std::size_t offset_of(std::size_t i) const;

    JpegFrame frame_;
    std::size_t first_size_;  // bytes of scan in the first payload
    std::size_t other_size_;  // and in each of the others but the last
    std::size_t count_;
};

// What all payloads of one frame have in common.
struct JpegParameters {
    JpegSampling sampling = JpegSampling::yuv420;
    std::uint8_t q = 0;
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    std::uint16_t restart_interval = 0;

    bool operator==(const JpegParameters&) const = default;
};

struct JpegPayload {
    JpegParameters parameters;
    std::size_t offset;                 // of `scan` in the frame's scan
    std::optional<QuantTables> tables;  // only in a first fragment; absent where the receiver should know Q
    Bytes scan;
};

// `unsupported` for what nobody sends us: interlaced video, 16-bit tables, types of other RFCs.
Result<JpegPayload> parse_jpeg_payload(Bytes payload);

}  // namespace connectsphere::wire
