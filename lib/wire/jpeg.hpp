// The JPEG that RFC 2435 can carry: baseline, 4:2:0 or 4:2:2, the standard Huffman tables, sides multiples of
// 8 and at most 2,040. Of such a file only the quantisation tables and the scan travel; the rest is put back
// by the receiver.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMaxJpegScan = 4 << 20;  // bytes of entropy-coded data in a frame
constexpr int kMaxJpegSide = 2040;             // 255 * 8

// The numbers are the types of RFC 2435 section 4.1.
enum class JpegSampling : std::uint8_t { yuv422 = 0, yuv420 = 1 };

using QuantTable = std::array<std::uint8_t, 64>;  // in zigzag order

struct QuantTables {
    QuantTable luma{};
    QuantTable chroma{};

    bool operator==(const QuantTables&) const = default;
};

// RFC 2435 appendix A: the tables that a quality from 1 to 99 stands for; above, it counts as 99.
QuantTables standard_quant_tables(int quality);

struct JpegFrame {
    JpegSampling sampling = JpegSampling::yuv420;
    std::uint16_t width = 0;  // in pixels, as is the height
    std::uint16_t height = 0;
    std::uint16_t restart_interval = 0;  // in MCUs; 0: no restart markers
    QuantTables tables{};
    Bytes scan{};  // entropy-coded data, without EOI; borrowed
};

// Takes a file apart. `unsupported` where RFC 2435 can not carry it, with the reason.
Result<JpegFrame> parse_jpeg(Bytes file);

// The inverse: replaces `out` with a file that any decoder takes (RFC 2435 appendix B).
void write_jpeg(const JpegFrame& frame, Buffer& out);

}  // namespace connectsphere::wire
