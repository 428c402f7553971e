// The constants of JPEG that RFC 2435 relies on: ITU-T T.81 annex K.
#pragma once

#include "lib/wire/jpeg.hpp"

namespace connectsphere::wire {

// Of one Huffman table: how many codes there are of each length from 1 to 16, and the symbols in order.
struct HuffmanTable {
    std::uint8_t id;  // class (0 DC, 1 AC) and destination, as DHT has them
    Bytes counts;
    Bytes symbols;
};

// Luma DC, luma AC, chroma DC, chroma AC (tables K.3 to K.6).
const std::array<HuffmanTable, 4>& standard_huffman_tables();

// Tables K.1 and K.2, in zigzag order: quality 50.
const QuantTables& reference_quant_tables();

}  // namespace connectsphere::wire
