#include "lib/media/screen_encoder.hpp"

#include "lib/media/move.hpp"
#include "lib/media/screen_picture.hpp"

namespace connectsphere::media {

namespace {

constexpr Duration kMoving = 500ms;             // a tile that changes again within this is moving
constexpr std::size_t kMovingFlatBytes = 4096;  // a moving tile may be flat and still costly: dithered video
constexpr int kMaxPatchPixels = kTileSide * kTileSide / 4;  // more is said as a whole tile
constexpr std::size_t kMaxPatchBytes = 4096;                // of a tile: what a late viewer gets beside it
constexpr std::size_t kMinScrollTiles = 8;                  // fewer are cheaper to encode than to search

}  // namespace

void ScreenEncoder::clear_frame() {
    frame_.is_new = false;
    frame_.grid = grid_;
    frame_.copies.clear();
    frame_.tiles.clear();
    frame_.data.clear();
}

void ScreenEncoder::begin(const ScreenView& screen) {
    grid_ = TileGrid(screen.width, screen.height);
    shadow_.assign(4 * static_cast<std::size_t>(screen.width) * static_cast<std::size_t>(screen.height), 0);
    tiles_.assign(grid_.count(), {});
    restless_ = 0;
    frame_.is_new = true;
    frame_.grid = grid_;
}

const ScreenFrame& ScreenEncoder::update(const ScreenView& screen, std::span<const PixelRect> damage,
                                         Time now) {
    clear_frame();
    if (screen.width != grid_.width() || screen.height != grid_.height()) begin(screen);
    if (frame_.is_new) {
        for (std::size_t index = 0; index < grid_.count(); ++index) send_changed(screen, index, now);
        return frame_;
    }
    std::vector<bool> candidates(grid_.count());
    const PixelRect all{0, 0, grid_.width(), grid_.height()};
    for (const auto& rect : damage)
        grid_.for_each(intersect(rect, all), [&](std::size_t index) { candidates[index] = true; });
    auto changed = changed_tiles(screen, candidates);
    if (options_.finds_scrolls && changed.size() >= kMinScrollTiles) {
        frame_.copies = find_scroll(shadow(), screen, grid_, changed);
        if (frame_.copies.empty()) {
            if (const auto move = find_move(shadow(), screen, grid_, changed)) frame_.copies.push_back(*move);
        }
        if (!frame_.copies.empty()) {
            apply(frame_.copies, candidates, now);
            changed = changed_tiles(screen, candidates);
        }
    }
    for (const auto index : changed) send_changed(screen, index, now);
    return frame_;
}

std::vector<std::size_t> ScreenEncoder::changed_tiles(const ScreenView& screen,
                                                      const std::vector<bool>& candidates) const {
    std::vector<std::size_t> changed;
    for (std::size_t index = 0; index < candidates.size(); ++index) {
        if (candidates[index] && differs(screen, grid_.rect(index))) changed.push_back(index);
    }
    return changed;
}

bool ScreenEncoder::differs(const ScreenView& screen, const PixelRect& rect) const {
    const auto known = shadow();
    const auto offset = 4 * static_cast<std::size_t>(rect.x);
    for (int y = rect.y; y < rect.y + rect.height; ++y) {
        if (std::memcmp(screen.row(y) + offset, known.row(y) + offset,
                        4 * static_cast<std::size_t>(rect.width)) != 0)
            return true;
    }
    return false;
}

void ScreenEncoder::apply(const std::vector<ScreenCopy>& copies, std::vector<bool>& candidates, Time now) {
    TileFlags lossy(tiles_.size());
    for (std::size_t i = 0; i < tiles_.size(); ++i) lossy[i] = tiles_[i].is_lossy;
    for (const auto& copy : copies) {
        copy_pixels(shadow_, grid_.width(), copy);
        carry_flags(grid_, copy, lossy);
        grid_.for_each(copy.to, [&](std::size_t index) {
            candidates[index] = true;
            tiles_[index].set_whole(tiles_[index].is_lossy);
            tiles_[index].is_moved = true;
            tiles_[index].changed_at = now;
        });
    }
    restless_ = 0;
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        tiles_[i].is_lossy = lossy[i];
        restless_ += tiles_[i].is_restless();
    }
}

// What differs within a tile that does.
PixelRect ScreenEncoder::changed_part(const ScreenView& screen, const PixelRect& tile) const {
    const auto known = shadow();
    int left = tile.width, right = 0, top = tile.height, bottom = 0;
    for (int y = 0; y < tile.height; ++y) {
        const auto* a = screen.row(tile.y + y) + 4 * static_cast<std::size_t>(tile.x);
        const auto* b = known.row(tile.y + y) + 4 * static_cast<std::size_t>(tile.x);
        const auto differs_at = [&](int x) { return std::memcmp(a + 4 * x, b + 4 * x, 4) != 0; };
        int first = 0, last = tile.width;
        while (first < tile.width && !differs_at(first)) ++first;
        if (first == tile.width) continue;
        while (!differs_at(last - 1)) --last;
        left = std::min(left, first);
        right = std::max(right, last);
        top = std::min(top, y);
        bottom = y + 1;
    }
    return {left, top, right - left, bottom - top};
}

void ScreenEncoder::draw(const ScreenView& screen, const PixelRect& tile) {
    const auto stride = 4 * static_cast<std::size_t>(grid_.width());
    const auto x = 4 * static_cast<std::size_t>(tile.x);
    for (int y = tile.y; y < tile.y + tile.height; ++y) {
        std::memcpy(&shadow_[static_cast<std::size_t>(y) * stride + x], screen.row(y) + x,
                    4 * static_cast<std::size_t>(tile.width));
    }
}

void ScreenEncoder::send_changed(const ScreenView& screen, std::size_t index, Time now) {
    const auto rect = grid_.rect(index);
    auto& tile = tiles_[index];
    const bool takes_patches =
        !frame_.is_new && !tile.is_lossy && !tile.is_moved && tile.patches < kMaxTilePatches;
    const auto part = takes_patches ? changed_part(screen, rect) : PixelRect{};
    draw(screen, rect);
    restless_ -= tile.is_restless();
    tile.changed_before = std::exchange(tile.changed_at, now);
    const bool is_small = !part.is_empty() && part.width * part.height <= kMaxPatchPixels;
    if (!is_small || !send_patch(index, part))
        send_whole(index, tile.changed_before != Time{} && now - tile.changed_before < kMoving);
    restless_ += tile.is_restless();
}

bool ScreenEncoder::send_patch(std::size_t index, const PixelRect& part) {
    auto& tile = tiles_[index];
    const auto encoded = encoder_.patch(view(index), part);
    if (tile.patch_bytes + encoded.bytes.size() > kMaxPatchBytes) return false;
    ++tile.patches;
    tile.patch_bytes += encoded.bytes.size();
    add(index, encoded, false);
    return true;
}

void ScreenEncoder::send_whole(std::size_t index, bool is_moving) {
    if (encoder_.is_flat(view(index))) {
        const auto encoded = encoder_.flat(view(index));
        if (!is_moving || encoded.bytes.size() <= kMovingFlatBytes) {
            tiles_[index].set_whole(false);
            return add(index, encoded, false);
        }
    }
    const auto encoded = encoder_.photo(view(index), options_.jpeg_quality);
    tiles_[index].set_whole(encoded.encoding == TileEncoding::scan);
    add(index, encoded, false);
}

const ScreenFrame& ScreenEncoder::refine(Time now) {
    clear_frame();
    for (std::size_t i = 0; i < tiles_.size() && frame_.tiles.size() < kRefineTiles; ++i) {
        const auto& tile = tiles_[i];
        if (tile.is_restless() && now - tile.changed_at >= kStill) send_exact(i, !tile.is_lossy);
    }
    return frame_;
}

// What is lossy stays so: its exact pixels follow when it is still, for everybody.
const ScreenFrame& ScreenEncoder::back() {
    clear_frame();
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        auto& tile = tiles_[i];
        if (!tile.is_moved) continue;
        if (!tile.is_lossy) {
            send_exact(i, true);
            continue;
        }
        add(i, encoder_.photo(view(i), options_.jpeg_quality), true);
        tile.is_moved = false;
    }
    return frame_;
}

void ScreenEncoder::send_exact(std::size_t index, bool backing) {
    add(index, encoder_.exact(view(index)), backing);
    tiles_[index].set_whole(false);
    --restless_;
}

Time ScreenEncoder::deadline() const {
    if (restless_ == 0) return kNever;
    Time earliest = kNever;
    for (const auto& tile : tiles_) {
        if (tile.is_restless()) earliest = std::min(earliest, tile.changed_at + kStill);
    }
    return earliest;
}

void ScreenEncoder::add(std::size_t index, const EncodedTile& encoded, bool backing) {
    frame_.tiles.push_back({.index = index,
                            .encoding = encoded.encoding,
                            .offset = frame_.data.size(),
                            .size = encoded.bytes.size(),
                            .backing = backing});
    frame_.data.insert(frame_.data.end(), encoded.bytes.begin(), encoded.bytes.end());
}

TileView ScreenEncoder::view(std::size_t index) const {
    const auto rect = grid_.rect(index);
    const auto whole = shadow();
    return {.data = whole.row(rect.y) + 4 * static_cast<std::size_t>(rect.x),
            .width = rect.width,
            .height = rect.height,
            .stride = whole.stride};
}

ScreenView ScreenEncoder::shadow() const {
    return {.data = shadow_.data(),
            .width = grid_.width(),
            .height = grid_.height(),
            .stride = 4 * static_cast<std::size_t>(grid_.width())};
}

}  // namespace connectsphere::media
