#include "lib/client/screen_rects.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace connectsphere::client {
namespace {

using Rects = std::vector<ScreenRect>;

constexpr ScreenRect kScreen{0, 0, 1920, 1080};

TEST_CASE("an intersection is what both have") {
    CHECK(intersection({0, 0, 10, 10}, {5, 6, 10, 10}) == ScreenRect{5, 6, 5, 4});
    CHECK(intersection({0, 0, 10, 10}, {2, 2, 3, 3}) == ScreenRect{2, 2, 3, 3});
    CHECK(intersection({0, 0, 10, 10}, {10, 0, 5, 5}) == ScreenRect{});
    CHECK(intersection({0, 0, 10, 10}, {-5, -5, 7, 6}) == ScreenRect{0, 0, 2, 1});
}

TEST_CASE("neighbours are joined, and those far apart are not") {
    CHECK(join_rects({{0, 0, 8, 16}, {8, 0, 8, 16}, {16, 0, 8, 16}}, kScreen) == Rects{{0, 0, 24, 16}});
    CHECK(join_rects({{0, 0, 8, 16}, {1000, 900, 8, 16}}, kScreen) ==
          Rects{{0, 0, 8, 16}, {1000, 900, 8, 16}});
}

TEST_CASE("what lies outside is cut off") {
    CHECK(join_rects({{-10, 1070, 20, 20}, {1920, 0, 5, 5}, {5, 5, 0, 7}}, kScreen) ==
          Rects{{0, 1070, 10, 10}});
    CHECK(join_rects({}, kScreen).empty());
}

TEST_CASE("joined rectangles are few, and hold everything") {
    std::mt19937 random(3);
    const auto below = [&random](int limit) {
        return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    for (int round = 0; round < 50; ++round) {
        Rects rects;
        for (int i = 0; i < 1 + below(300); ++i) {
            rects.push_back({below(2000) - 40, below(1200) - 40, below(200), below(100)});
        }
        const auto joined = join_rects(rects, kScreen);
        CHECK(joined.size() <= kMaxJoinedRects);
        for (const auto& rect : joined) CHECK(intersection(rect, kScreen) == rect);
        const bool all = std::all_of(rects.begin(), rects.end(), [&](const auto& rect) {
            const auto inside = intersection(rect, kScreen);
            return is_empty(inside) || std::any_of(joined.begin(), joined.end(), [&](const auto& big) {
                       return intersection(inside, big) == inside;
                   });
        });
        CHECK(all);
    }
}

}  // namespace
}  // namespace connectsphere::client
