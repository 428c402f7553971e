// One tile of a shared screen as bytes, and back (proto/screen.proto, TileEncoding). Text and other flat
// pictures travel exact, as a palette; photographic and moving ones may go as JPEG first and exact later.
// An encoder and a decoder keep their memory and contexts: use one for all tiles.
#pragma once

#include <array>
#include <memory>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/screen_tiles.hpp"

namespace connectsphere::media {

// Pixels as X11 has them: blue, green, red and one byte that nobody reads. Rows are `stride` bytes apart.
struct TileView {
    const std::uint8_t* data = nullptr;
    int width = 0;  // 1 to kTileSide, as is the height
    int height = 0;
    std::size_t stride = 0;
};
struct MutableTileView {
    std::uint8_t* data = nullptr;
    int width = 0;
    int height = 0;
    std::size_t stride = 0;
};

struct EncodedTile {
    TileEncoding encoding;
    Bytes bytes;  // until the next call
};

class TileEncoder {
  public:
    TileEncoder();

    // Few colours, as text has: exact costs little. Then flat() gives it, of the same tile.
    bool is_flat(const TileView& tile);
    EncodedTile flat(const TileView& tile);
    EncodedTile exact(const TileView& tile) { return is_flat(tile) ? flat(tile) : planes(tile); }
    // As JPEG, `quality` 1 to 99.
    EncodedTile photo(const TileView& tile, int quality);
    // A part of the tile, exact. `part` lies in it.
    EncodedTile patch(const TileView& tile, const PixelRect& part);

  private:
    struct Free {
        void operator()(void* context) const;
    };
    EncodedTile planes(const TileView& tile);
    Bytes compress(std::size_t size);

    std::unique_ptr<void, Free> zstd_;
    JpegEncoder jpeg_;
    Image image_;
    std::array<std::uint32_t, 256> palette_{};
    std::size_t colours_ = 0;  // 0: more than 256
    std::array<std::uint8_t, kTileSide * kTileSide> indices_{};
    Buffer plain_, out_, patch_;
};

class TileDecoder {
  public:
    TileDecoder();

    // Draws the tile (of a patch: its part), or fails and draws nothing. Never takes more memory than a tile
    // has, whatever the bytes say. The unused byte of each pixel becomes 255.
    Result<void> decode(TileEncoding encoding, Bytes bytes, const MutableTileView& out);

  private:
    struct Free {
        void operator()(void* context) const;
    };
    Result<Bytes> expand(Bytes bytes, std::size_t limit);
    Result<void> palette(Bytes bytes, const MutableTileView& out);
    Result<void> planes(Bytes bytes, const MutableTileView& out);
    Result<void> scan(Bytes bytes, const MutableTileView& out);
    Result<void> patch(Bytes bytes, const MutableTileView& out);

    std::unique_ptr<void, Free> zstd_;
    JpegDecoder jpeg_;
    Buffer plain_, file_;
    Image image_;
};

}  // namespace connectsphere::media
