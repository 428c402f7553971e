#include "client-gui/layout.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace connectsphere::gui;

namespace {

constexpr Size kWindows[] = {{480, 280},  {480, 360},   {640, 480},  {1280, 720},
                             {720, 1280}, {1920, 1080}, {3840, 2160}};
constexpr Layout kLayouts[] = {Layout::grid, Layout::speaker, Layout::focus, Layout::presenter};

bool is_sixteen_to_nine(const Rect& rect) { return std::abs(rect.height - rect.width * 9.0 / 16.0) <= 1.01; }

}  // namespace

TEST_CASE("every person is on some page, in tiles that do not overlap and keep their shape") {
    for (const auto window : kWindows) {
        for (const auto layout : kLayouts) {
            for (const int people : {1, 2, 3, 4, 5, 7, 9, 12, 16, 17, 30, 100}) {
                CAPTURE(window.width, window.height, std::string(name(layout)), people);
                const Rect area{10, 20, window.width, window.height};
                std::set<int> seen;
                int pages = 1;
                for (int page = 0; page < pages; ++page) {
                    const auto stage =
                        arrange({.area = area, .layout = layout, .people = people, .page = page});
                    pages = stage.pages;
                    CHECK(stage.page == page);
                    auto taken = stage.screen ? std::vector{*stage.screen} : std::vector<Rect>{};
                    for (const auto& tile : stage.tiles) {
                        CHECK(area.contains(tile.rect));
                        CHECK(is_sixteen_to_nine(tile.rect));
                        CHECK(tile.rect.width >= 60);
                        for (const auto& other : taken) CHECK_FALSE(overlap(tile.rect, other));
                        taken.push_back(tile.rect);
                        seen.insert(tile.person);
                    }
                }
                CHECK(seen.size() == static_cast<std::size_t>(people));
            }
        }
    }
}

TEST_CASE("a grid uses the window") {
    struct Row {
        Size window;
        int people, columns;
    };
    for (const auto& row :
         {Row{{1280, 720}, 1, 1}, Row{{1280, 720}, 2, 2}, Row{{1280, 720}, 4, 2}, Row{{1280, 720}, 9, 3},
          Row{{1280, 720}, 12, 4}, Row{{1280, 720}, 16, 4}, Row{{720, 1280}, 2, 1}, Row{{720, 1280}, 8, 2}}) {
        CAPTURE(row.window.width, row.people);
        const auto stage =
            arrange({.area = {0, 0, row.window.width, row.window.height}, .people = row.people});
        std::set<int> columns;
        for (int i = 0; i < row.columns; ++i)
            columns.insert(stage.tiles.at(static_cast<std::size_t>(i)).rect.x);
        CHECK(columns.size() == static_cast<std::size_t>(row.columns));
        CHECK(stage.tiles.front().rect.y == stage.tiles.at(static_cast<std::size_t>(row.columns - 1)).rect.y);
    }
}

TEST_CASE("beyond sixteen there are pages, and a page that is gone shows the last one") {
    const StageRequest request{.area = {0, 0, 1280, 720}, .people = 30, .page = 7};
    const auto stage = arrange(request);
    CHECK(stage.pages == 2);
    CHECK(stage.page == 1);
    CHECK(stage.tiles.size() == 14);
    CHECK(stage.tiles.front().person == 16);
}

TEST_CASE("the main one is much larger than the others") {
    const auto stage = arrange({.area = {0, 0, 1280, 640}, .layout = Layout::speaker, .people = 6});
    REQUIRE(stage.tiles.size() == 6);
    CHECK(stage.tiles[0].person == 0);
    CHECK(stage.tiles[0].rect.width > 3 * stage.tiles[1].rect.width);
}

TEST_CASE("the shared screen gets most of the stage") {
    const auto stage = arrange({.area = {0, 0, 1280, 640}, .layout = Layout::presenter, .people = 3});
    REQUIRE(stage.screen);
    CHECK(stage.screen->width * stage.screen->height > 1280 * 640 * 7 / 10);
    CHECK(stage.tiles.size() == 3);
}

TEST_CASE("an empty room and a tiny area are no trouble") {
    for (const auto layout : kLayouts) {
        CHECK(arrange({.area = {0, 0, 640, 480}, .layout = layout, .people = 0}).tiles.empty());
        (void)arrange({.area = {0, 0, 3, 2}, .layout = layout, .people = 30});
        (void)arrange({.area = {0, 0, 0, 0}, .layout = layout, .people = 2});
    }
}

TEST_CASE("the layout follows the occasion") {
    CHECK(choose_layout({.has_screen = false, .has_pin = false, .people = 16}) == Layout::grid);
    CHECK(choose_layout({.has_screen = false, .has_pin = false, .people = 17}) == Layout::speaker);
    CHECK(choose_layout({.has_screen = false, .has_pin = true, .people = 3}) == Layout::speaker);
    CHECK(choose_layout({.has_screen = true, .has_pin = true, .people = 3}) == Layout::presenter);
}
