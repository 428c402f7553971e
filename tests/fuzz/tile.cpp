// What a presenter may send as a tile, through the broker, to every viewer. The input: encoding, width - 1,
// height - 1 (1 byte each), the tile's bytes. Nothing outside of the tile is drawn, nothing at all on an
// error.
#include <algorithm>
#include <cstdlib>

#include "lib/media/tile_codec.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static TileDecoder decoder;
    Reader r({data, size});
    const auto encoding = static_cast<TileEncoding>(r.u8());
    const int width = r.u8() % kTileSide + 1, height = r.u8() % kTileSide + 1;
    const Bytes bytes = r.rest();
    if (!r.ok() || bytes.size() > kMaxTileBytes) return 0;

    constexpr std::uint8_t kMark = 0xA5;
    constexpr std::size_t kStride = 4 * (kTileSide + 2);
    static Buffer pixels;
    pixels.assign(kStride * (kTileSide + 2), kMark);
    const auto drawn = decoder.decode(
        encoding, bytes,
        {.data = pixels.data() + kStride + 4, .width = width, .height = height, .stride = kStride});
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const auto x = static_cast<int>(i % kStride / 4), y = static_cast<int>(i / kStride);
        const bool is_inside = x >= 1 && x <= width && y >= 1 && y <= height;
        if (!(drawn && is_inside) && pixels[i] != kMark) std::abort();
    }
    return 0;
}
