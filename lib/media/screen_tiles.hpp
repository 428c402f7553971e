// The shared screen as tiles of 64 x 64 pixels (proto/screen.proto): which tile is where, which tiles a
// rectangle touches, and what a copy does to flags that are kept per tile. Presenter, broker and viewer count
// with the same few functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace connectsphere::media {

constexpr int kTileSide = 64;
constexpr int kMaxScreenSide = 16'384;
constexpr std::int64_t kMaxScreenPixels = 16'777'216;
constexpr std::size_t kMaxTileBytes = 16 << 10;  // of one encoded tile
constexpr std::size_t kMaxScreenCopies = 16;     // in one update
constexpr std::size_t kMaxTilePatches = 48;      // after a whole tile

// The numbers are those of proto::TileEncoding.
enum class TileEncoding : std::uint8_t { solid = 1, palette = 2, planes = 3, scan = 4, patch = 5 };

struct PixelRect {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    bool operator==(const PixelRect&) const = default;
    bool is_empty() const { return width <= 0 || height <= 0; }
};

PixelRect intersect(const PixelRect& a, const PixelRect& b);

// `to` becomes what `from` was, as if it were read as a whole before it is written. Both have one size.
struct ScreenCopy {
    int from_x = 0;
    int from_y = 0;
    PixelRect to;

    bool operator==(const ScreenCopy&) const = default;
};

class TileGrid {
  public:
    TileGrid() = default;
    TileGrid(int width, int height)
        : width_(width),
          height_(height),
          columns_((width + kTileSide - 1) / kTileSide),
          rows_((height + kTileSide - 1) / kTileSide) {}

    static bool is_valid(std::int64_t width, std::int64_t height) {
        return width >= 1 && height >= 1 && width <= kMaxScreenSide && height <= kMaxScreenSide &&
               width * height <= kMaxScreenPixels;
    }

    int width() const { return width_; }
    int height() const { return height_; }
    int columns() const { return columns_; }
    std::size_t count() const { return static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_); }
    PixelRect rect(std::size_t index) const;
    // Both rectangles of the copy lie in the picture, and have pixels.
    bool holds(const ScreenCopy& copy) const;

    // Calls visit(index) for each tile that the rectangle touches, ascending. It must lie in the picture.
    template <class Visit>
    void for_each(const PixelRect& rect, Visit visit) const {
        if (rect.is_empty()) return;
        for (int row = rect.y / kTileSide; row <= (rect.y + rect.height - 1) / kTileSide; ++row) {
            for (int column = rect.x / kTileSide; column <= (rect.x + rect.width - 1) / kTileSide; ++column)
                visit(static_cast<std::size_t>(row * columns_ + column));
        }
    }

    bool operator==(const TileGrid&) const = default;

  private:
    int width_ = 0;
    int height_ = 0;
    int columns_ = 0;
    int rows_ = 0;
};

// A flag per tile.
using TileFlags = std::vector<bool>;

// What a copy does to a flag that pixels carry with them ("not exact", "missing"): a tile has it afterwards
// if some of what was copied there has it, or some of what was left of it.
void carry_flags(const TileGrid& grid, const ScreenCopy& copy, TileFlags& flags);

}  // namespace connectsphere::media
