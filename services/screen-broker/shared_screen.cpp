#include "services/screen-broker/shared_screen.hpp"

#include "lib/media/screen_copies.hpp"

namespace connectsphere::screen_broker {

namespace {

constexpr std::uint32_t kMaxAge = 60'000'000;  // µs: what says more does not know

}  // namespace

Result<void> SharedScreen::check(const proto::ScreenUpdate& update, const media::TileGrid& grid,
                                 std::size_t size) const {
    if (update.number() != number_ + 1) return Error{Errc::malformed, "update number"};
    if (static_cast<std::size_t>(update.copies_size()) > media::kMaxScreenCopies)
        return Error{Errc::oversized, "too many copies"};
    for (const auto& copy : update.copies()) {
        if (!grid.holds(media::copy_of(copy))) return Error{Errc::malformed, "copy outside of the screen"};
    }
    std::size_t sum = 0;
    std::int64_t last = -1;
    for (const auto& tile : update.tiles()) {
        if (tile.index() >= grid.count() || tile.index() <= last) return Error{Errc::malformed, "tile index"};
        if (tile.encoding() < proto::SOLID || tile.encoding() > proto::PATCH)
            return Error{Errc::malformed, "tile encoding"};
        if (tile.bytes() < 1 || tile.bytes() > media::kMaxTileBytes)
            return Error{Errc::oversized, "tile size"};
        if (tile.encoding() == proto::PATCH && (tile.backing() || !takes_patch(update, tile.index())))
            return Error{Errc::malformed, "patch of nothing"};
        sum += tile.bytes();
        last = tile.index();
    }
    if (sum != size) return Error{Errc::malformed, "tile data"};
    return {};
}

// Patches are for tiles that are whole here, also after the copies of this update.
bool SharedScreen::takes_patch(const proto::ScreenUpdate& update, std::size_t index) const {
    if (update.width() != 0 || !tiles_[index].is_current()) return false;
    if (tiles_[index].parts.size() > media::kMaxTilePatches) return false;
    for (const auto& copy : update.copies()) {
        if (!media::intersect(media::copy_of(copy).to, grid_.rect(index)).is_empty()) return false;
    }
    return true;
}

Result<SharedScreen::Change> SharedScreen::apply(const proto::ScreenUpdate& update, Bytes data, Time now) {
    const bool is_new = update.width() != 0 || update.height() != 0;
    if (is_new && !media::TileGrid::is_valid(update.width(), update.height()))
        return Error{Errc::oversized, "screen size"};
    if (!is_new && number_ == 0) return Error{Errc::malformed, "the first update has no size"};
    const auto grid =
        is_new ? media::TileGrid(static_cast<int>(update.width()), static_cast<int>(update.height())) : grid_;
    if (const auto checked = check(update, grid, data.size()); !checked) return checked.error();

    Change change{.is_new = is_new, .copies = {}, .tiles = {}, .patches = {}, .backing = {}};
    if (is_new) {
        grid_ = grid;
        tiles_.assign(grid_.count(), {});
        bytes_ = 0;
    }
    for (const auto& each : update.copies()) {
        change.copies.push_back(media::copy_of(each));
        grid_.for_each(change.copies.back().to, [&](std::size_t index) { tiles_[index].is_moved = true; });
    }
    Reader rest(data);
    for (const auto& each : update.tiles()) {
        store(each, rest.bytes(each.bytes()));
        const bool is_patch = each.encoding() == proto::PATCH;
        (is_patch ? change.patches : each.backing() ? change.backing : change.tiles).push_back(each.index());
    }
    number_ = update.number();
    has_more_ = update.more();
    captured_at_ = now - std::chrono::microseconds(std::min(update.age_us(), kMaxAge));
    presenter_clock_ = update.captured_at();
    ++version_;
    return change;
}

void SharedScreen::store(const proto::ScreenTile& tile, Bytes bytes) {
    auto& place = tiles_[tile.index()];
    if (tile.encoding() != proto::PATCH) {
        for (const auto& part : place.parts) bytes_ -= part.bytes.size();
        place.parts.clear();
        place.is_moved = false;
    }
    place.parts.push_back({tile.encoding(), Buffer(bytes.begin(), bytes.end())});
    bytes_ += bytes.size();
}

void SharedScreen::clear() {
    grid_ = {};
    tiles_.clear();
    tiles_.shrink_to_fit();
    bytes_ = 0;
    number_ = 0;
    has_more_ = false;
    ++version_;
}

}  // namespace connectsphere::screen_broker
