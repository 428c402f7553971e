// ScreenPicture: the shared screen as a viewer has it. Copies move pixels, tiles replace them; what is not
// exact yet (JPEG, and copies of it) is remembered. Everything that comes in is checked: what does not fit
// the picture is refused and changes nothing.
#pragma once

#include "lib/media/scroll.hpp"
#include "lib/media/tile_codec.hpp"

namespace connectsphere::media {

// Moves pixels within a picture; the copy must lie in it.
void copy_pixels(Buffer& pixels, int width, const ScreenCopy& copy);

class ScreenPicture {
  public:
    // A new picture, black.
    Result<void> resize(std::int64_t width, std::int64_t height);
    Result<void> copy(const ScreenCopy& copy);
    Result<void> draw(std::size_t index, TileEncoding encoding, Bytes bytes);

    const TileGrid& grid() const { return grid_; }
    ScreenView view() const;  // until the next call that changes it
    bool is_exact() const { return lossy_count_ == 0; }

  private:
    void set_lossy(std::size_t index, bool lossy);

    TileGrid grid_;
    Buffer pixels_;
    TileFlags lossy_;
    std::size_t lossy_count_ = 0;
    TileDecoder decoder_;
};

}  // namespace connectsphere::media
