// ScreenEncoder: looks at a screen again and again, and says what has changed since: copies for what has
// scrolled, tiles for the rest. Flat tiles (text) are exact at once; photographic and moving ones go as JPEG,
// and exact once they were still for 300 ms. What copies have moved is encoded where it stands by then, or
// when it is asked for: as `backing`, for those who have not applied the copies. A small change of a tile,
// such as a glyph, is a patch; several become a whole tile, as `backing` too, once they are still.
//
// It keeps the picture as the receivers have it (but for the losses of JPEG). Pure: the time comes in.
#pragma once

#include <span>

#include "lib/base/time.hpp"
#include "lib/media/scroll.hpp"
#include "lib/media/tile_codec.hpp"

namespace connectsphere::media {

struct ScreenTile {
    std::size_t index = 0;
    TileEncoding encoding = TileEncoding::solid;
    std::size_t offset = 0;  // of its bytes in the frame's data
    std::size_t size = 0;
    bool backing = false;
};

struct ScreenFrame {
    bool is_new = false;  // of another size, or the first: all that was is void
    TileGrid grid;
    std::vector<ScreenCopy> copies;
    std::vector<ScreenTile> tiles;  // ascending
    Buffer data;

    bool is_empty() const { return !is_new && copies.empty() && tiles.empty(); }
    Bytes bytes(const ScreenTile& tile) const { return Bytes(data).subspan(tile.offset, tile.size); }
};

class ScreenEncoder {
  public:
    struct Options {
        int jpeg_quality = 75;
        bool finds_scrolls = true;
    };
    static constexpr Duration kStill = 300ms;        // then a tile is made exact
    static constexpr std::size_t kRefineTiles = 64;  // at once, so that a change does not wait for long

    explicit ScreenEncoder(const Options& options) : options_(options) {}

    // The receivers know nothing any more: the next update() says everything.
    void restart() { grid_ = {}; }

    // `damage`: everything that may have changed since the call before. The frame holds until the next call.
    const ScreenFrame& update(const ScreenView& screen, std::span<const PixelRect> damage, Time now);
    // Tiles that have been still long enough, exact; at most kRefineTiles.
    const ScreenFrame& refine(Time now);
    // All tiles that copies have moved, now.
    const ScreenFrame& back();
    // When refine() has work; kNever: everything is exact.
    Time deadline() const;

    // The picture that was told of, without what JPEG lost.
    ScreenView shadow() const;

  private:
    struct Tile {
        Time changed_at{};
        Time changed_before{};  // the time before that
        bool is_lossy = false;
        bool is_moved = false;        // by a copy, and not encoded since
        std::size_t patches = 0;      // since it was encoded as a whole
        std::size_t patch_bytes = 0;  // of them

        bool is_restless() const { return is_lossy || is_moved || patches > 0; }
        void set_whole(bool lossy) {
            is_lossy = lossy;
            is_moved = false;
            patches = patch_bytes = 0;
        }
    };

    void begin(const ScreenView& screen);
    std::vector<std::size_t> changed_tiles(const ScreenView& screen,
                                           const std::vector<bool>& candidates) const;
    bool differs(const ScreenView& screen, const PixelRect& rect) const;
    void apply(const std::vector<ScreenCopy>& copies, std::vector<bool>& candidates, Time now);
    PixelRect changed_part(const ScreenView& screen, const PixelRect& tile) const;
    void draw(const ScreenView& screen, const PixelRect& tile);
    void send_changed(const ScreenView& screen, std::size_t index, Time now);
    bool send_patch(std::size_t index, const PixelRect& part);
    void send_whole(std::size_t index, bool is_moving);
    void send_exact(std::size_t index, bool backing);
    void add(std::size_t index, const EncodedTile& encoded, bool backing);
    TileView view(std::size_t index) const;
    void clear_frame();

    Options options_;
    TileGrid grid_;
    Buffer shadow_;
    std::vector<Tile> tiles_;
    std::size_t restless_ = 0;  // tiles that will be sent again when they are still
    TileEncoder encoder_;
    ScreenFrame frame_;
};

}  // namespace connectsphere::media
