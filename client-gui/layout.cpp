#include "client-gui/layout.hpp"

namespace connectsphere::gui {

namespace {

constexpr Size kShape{16, 9};
constexpr int kScreenPercent = 80;  // of the stage, for the shared screen
constexpr int kStripPercent = 22;   // of the stage, for those beside the main one

int height_of(int width) { return width * kShape.height / kShape.width; }
int width_of(int height) { return height * kShape.width / kShape.height; }

struct Grid {
    int columns = 1;
    int rows = 1;
    int width = 0;  // of a tile
};

// The widest tiles with which `count` of them stand in the area.
Grid best_grid(const Rect& area, int count, int gap) {
    Grid best;
    for (int columns = 1; columns <= count; ++columns) {
        const int rows = (count + columns - 1) / columns;
        const int by_width = (area.width - (columns + 1) * gap) / columns;
        const int by_height = width_of((area.height - (rows + 1) * gap) / rows);
        const int width = std::min(by_width, by_height);
        if (width > best.width) best = {columns, rows, width};
    }
    return best;
}

// As many as fit with tiles that are not too narrow; at least one.
int capacity(const Rect& area, int gap, int narrowest, int most) {
    for (int count = most; count > 1; --count) {
        if (best_grid(area, count, gap).width >= narrowest) return count;
    }
    return 1;
}

struct Page {
    int number, count;  // of pages
    int first, people;  // on it
};
Page turn_to(int page, int people, int per_page) {
    const int count = std::max(1, (people + per_page - 1) / per_page);
    const int number = std::clamp(page, 0, count - 1);
    const int first = number * per_page;
    return {number, count, first, std::min(per_page, people - first)};
}

void place_grid(const Rect& area, int first, int count, int gap, std::vector<Tile>& tiles) {
    if (count <= 0) return;
    const auto grid = best_grid(area, count, gap);
    const int width = std::max(1, grid.width), height = std::max(1, height_of(width));
    const int all_height = grid.rows * height + (grid.rows - 1) * gap;
    for (int i = 0; i < count; ++i) {
        const int row = i / grid.columns, in_row = std::min(grid.columns, count - row * grid.columns);
        const int row_width = in_row * width + (in_row - 1) * gap;
        tiles.push_back({first + i,
                         {area.x + (area.width - row_width) / 2 + (i % grid.columns) * (width + gap),
                          area.y + (area.height - all_height) / 2 + row * (height + gap), width, height}});
    }
}

Stage grid(const StageRequest& r) {
    const auto page =
        turn_to(r.page, r.people, capacity(r.area, r.gap, r.narrowest, std::min(kMostInGrid, r.people)));
    Stage stage{.tiles = {}, .screen = {}, .page = page.number, .pages = page.count};
    place_grid(r.area, page.first, page.people, r.gap, stage.tiles);
    return stage;
}

// Tiles in `strip`, those from number `from` on, a page of them.
void place_strip(const StageRequest& r, const Rect& strip, int from, Stage& stage) {
    const int people = r.people - from;
    if (people <= 0 || strip.empty()) return;
    const auto page =
        turn_to(r.page, people, capacity(strip, r.gap, r.narrowest, std::min(kMostInGrid, people)));
    stage.page = page.number;
    stage.pages = page.count;
    place_grid(strip, from + page.first, page.people, r.gap, stage.tiles);
}

// The strip stands where the main picture loses least.
Rect take_strip(const StageRequest& r, Rect& area, int percent) {
    const int least_height = height_of(r.narrowest) + 2 * r.gap, least_width = r.narrowest + 2 * r.gap;
    const int height = std::min(area.height / 2, std::max(least_height, area.height * percent / 100));
    const int width = std::min(area.width / 2, std::max(least_width, area.width * percent / 100));
    const int with_row = fit(kShape, {0, 0, area.width, area.height - height}).width;
    const int with_column = fit(kShape, {0, 0, area.width - width, area.height}).width;
    return with_row >= with_column ? area.take_bottom(height) : area.take_right(width);
}

Stage speaker(const StageRequest& r) {
    Stage stage;
    auto area = r.area;
    const auto strip = r.people > 1 ? take_strip(r, area, kStripPercent) : Rect{};
    if (r.people > 0) stage.tiles.push_back({0, fit(kShape, area.inset(r.gap))});
    place_strip(r, strip, 1, stage);
    return stage;
}

Stage focus(const StageRequest& r) {
    const auto page = turn_to(r.page, r.people, 1);
    Stage stage{.tiles = {}, .screen = {}, .page = page.number, .pages = page.count};
    if (r.people > 0) stage.tiles.push_back({page.number, fit(kShape, r.area.inset(r.gap))});
    return stage;
}

Stage presenter(const StageRequest& r) {
    Stage stage;
    auto area = r.area;
    const auto rail = r.people > 0 ? take_strip(r, area, 100 - kScreenPercent) : Rect{};
    stage.screen = area.inset(r.gap);
    place_strip(r, rail, 0, stage);
    return stage;
}

}  // namespace

std::string_view name(Layout layout) {
    switch (layout) {
        case Layout::grid:
            return "grid";
        case Layout::speaker:
            return "speaker";
        case Layout::focus:
            return "focus";
        case Layout::presenter:
            return "presenter";
    }
    return "";
}

Stage arrange(const StageRequest& request) {
    switch (request.layout) {
        case Layout::grid:
            return grid(request);
        case Layout::speaker:
            return speaker(request);
        case Layout::focus:
            return focus(request);
        case Layout::presenter:
            return presenter(request);
    }
    return {};
}

Layout choose_layout(const Occasion& occasion) {
    if (occasion.has_screen) return Layout::presenter;
    if (occasion.has_pin) return Layout::speaker;
    return occasion.people > kMostInGrid ? Layout::speaker : Layout::grid;
}

}  // namespace connectsphere::gui
