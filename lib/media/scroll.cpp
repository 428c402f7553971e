#include "lib/media/scroll.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

namespace connectsphere::media {

namespace {

constexpr int kMinRows = 32;        // of a copy
constexpr int kMinMoved = 8;        // rows of it that are not in place yet
constexpr int kMinVotes = 12;       // rows that agree on the distance
constexpr std::size_t kVoters = 6;  // columns that are asked

std::uint64_t hash_of(const std::uint8_t* bytes, std::size_t size) {
    // Four lanes, because each step waits for the one before it in the same lane.
    constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;
    std::uint64_t lanes[4] = {1, 2, 3, 4};
    std::size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + i + 8 * lane, 8);
            lanes[lane] = (lanes[lane] ^ word) * kFactor;
            lanes[lane] ^= lanes[lane] >> 29;
        }
    }
    for (; i < size; ++i) lanes[0] = (lanes[0] ^ bytes[i]) * kFactor;
    return ((lanes[0] * 31 + lanes[1]) * 31 + lanes[2]) * 31 + lanes[3];
}

struct Run {
    int begin = 0;
    int end = 0;  // rows [begin, end) of the picture now
    int size() const { return end - begin; }
};

// A column of tiles between its first and last changed one, as a hash a row.
struct Column {
    int x = 0;
    int width = 0;
    int top = 0;
    int changed_tiles = 0;
    std::vector<std::uint64_t> before, now;

    int rows() const { return static_cast<int>(now.size()); }
};

// Along the rows, as memory has them: by columns it takes four times as long.
void hash_rows(const ScreenView& before, const ScreenView& now, int top, int bottom,
               std::vector<Column>& columns) {
    for (int y = top; y < bottom; ++y) {
        for (auto& column : columns) {
            const auto offset = 4 * static_cast<std::size_t>(column.x);
            const auto size = 4 * static_cast<std::size_t>(column.width);
            column.before.push_back(hash_of(before.row(y) + offset, size));
            column.now.push_back(hash_of(now.row(y) + offset, size));
        }
    }
}

// All over the same rows, for what stays in one column may have come into another.
std::vector<Column> changed_columns(const ScreenView& before, const ScreenView& now, const TileGrid& grid,
                                    const std::vector<std::size_t>& changed) {
    std::map<int, int> tiles;  // by x
    int top = grid.height(), bottom = 0;
    for (const auto index : changed) {
        const auto rect = grid.rect(index);
        ++tiles[rect.x];
        top = std::min(top, rect.y);
        bottom = std::max(bottom, rect.y + rect.height);
    }
    std::vector<Column> columns;
    for (const auto& [x, count] : tiles) {
        columns.push_back({.x = x,
                           .width = std::min(kTileSide, grid.width() - x),
                           .top = top,
                           .changed_tiles = count,
                           .before = {},
                           .now = {}});
        columns.back().before.reserve(static_cast<std::size_t>(bottom - top));
        columns.back().now.reserve(static_cast<std::size_t>(bottom - top));
    }
    hash_rows(before, now, top, bottom, columns);
    return columns;
}

// Where each row that stands only once is, by its hash.
std::vector<std::pair<std::uint64_t, int>> single_rows(const std::vector<std::uint64_t>& hashes) {
    std::vector<std::pair<std::uint64_t, int>> rows;
    rows.reserve(hashes.size());
    for (std::size_t y = 0; y < hashes.size(); ++y) rows.emplace_back(hashes[y], static_cast<int>(y));
    std::sort(rows.begin(), rows.end());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t end = i + 1;
        while (end < rows.size() && rows[end].first == rows[i].first) ++end;
        if (end == i + 1) rows[kept++] = rows[i];
        i = end;
    }
    rows.resize(kept);
    return rows;
}

// Rows that stand once before and once now say how far they went. Rows that are many (blank ones, frames)
// would fit everywhere.
void vote(const Column& column, std::map<int, int>& votes) {
    const auto before = single_rows(column.before), now = single_rows(column.now);
    for (auto a = before.begin(), b = now.begin(); a != before.end() && b != now.end();) {
        if (a->first == b->first) {
            if (a->second != b->second) ++votes[b->second - a->second];
            ++a, ++b;
        } else {
            a->first < b->first ? ++a : ++b;
        }
    }
}

// The columns that have changed most speak for all.
int distance_of(std::vector<const Column*> columns) {
    std::sort(columns.begin(), columns.end(),
              [](auto* a, auto* b) { return a->changed_tiles > b->changed_tiles; });
    if (columns.size() > kVoters) columns.resize(kVoters);
    std::map<int, int> votes;
    for (const auto* column : columns) vote(*column, votes);
    const auto winner =
        std::max_element(votes.begin(), votes.end(), [](auto& a, auto& b) { return a.second < b.second; });
    return winner == votes.end() || winner->second < kMinVotes ? 0 : winner->first;
}

// The longest run of rows that were `distance` above (below, where it is negative) and are not in place yet.
std::optional<Run> longest_run(const Column& column, int distance) {
    std::optional<Run> best;
    int begin = 0, moved = 0;
    const auto close = [&](int end) {
        const Run run{begin + column.top, end + column.top};
        if (run.size() >= kMinRows && moved >= kMinMoved && (!best || run.size() > best->size())) best = run;
    };
    for (int y = 0; y <= column.rows(); ++y) {
        const int from = y - distance;
        const auto at = static_cast<std::size_t>(y);
        const bool fits = y < column.rows() && from >= 0 && from < column.rows() &&
                          column.now[at] == column.before[static_cast<std::size_t>(from)];
        if (fits) {
            moved += column.now[at] != column.before[at];
            continue;
        }
        close(y);
        begin = y + 1;
        moved = 0;
    }
    return best;
}

// A window ends anywhere within a tile: takes in the columns of pixels beside the copy that have moved with
// it.
void widen(const ScreenView& before, const ScreenView& now, ScreenCopy& copy) {
    const auto moved = [&](int x) {
        for (int y = 0; y < copy.to.height; ++y) {
            const auto* a = now.row(copy.to.y + y) + 4 * static_cast<std::size_t>(x);
            const auto* b = before.row(copy.from_y + y) + 4 * static_cast<std::size_t>(x);
            if (std::memcmp(a, b, 4) != 0) return false;
        }
        return true;
    };
    int left = copy.to.x, right = copy.to.x + copy.to.width;
    while (left > 0 && copy.to.x - left < kTileSide && moved(left - 1)) --left;
    while (right < now.width && right - copy.to.x - copy.to.width < kTileSide && moved(right)) ++right;
    copy.from_x = copy.to.x = left;
    copy.to.width = right - left;
}

}  // namespace

std::vector<ScreenCopy> find_scroll(const ScreenView& before, const ScreenView& now, const TileGrid& grid,
                                    const std::vector<std::size_t>& changed) {
    const auto columns = changed_columns(before, now, grid, changed);
    std::vector<const Column*> all;
    for (const auto& column : columns) all.push_back(&column);
    const int distance = distance_of(std::move(all));
    if (distance == 0) return {};

    std::vector<ScreenCopy> copies;
    int last_right = -1;
    for (const auto& column : columns) {
        const auto run = longest_run(column, distance);
        if (!run) continue;
        if (!copies.empty() && last_right == column.x) {  // a neighbour: one copy, where both agree
            auto& to = copies.back().to;
            const Run common{std::max(to.y, run->begin), std::min(to.y + to.height, run->end)};
            if (4 * common.size() >= 3 * std::max(to.height, run->size())) {
                to = {to.x, common.begin, to.width + column.width, common.size()};
                copies.back().from_y = to.y - distance;
                last_right += column.width;
                continue;
            }
        }
        if (copies.size() == kMaxScreenCopies) break;
        copies.push_back({.from_x = column.x,
                          .from_y = run->begin - distance,
                          .to = {column.x, run->begin, column.width, run->size()}});
        last_right = column.x + column.width;
    }
    for (auto& copy : copies) widen(before, now, copy);
    return copies;
}

}  // namespace connectsphere::media
