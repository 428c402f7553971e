#include "lib/wire/replay_window.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere::wire;

TEST_CASE("an index is fresh until it is marked") {
    ReplayWindow window;
    for (const std::uint64_t index : {0U, 5U, 3U, 1023U, 64U}) {
        CHECK(window.is_fresh(index));
        window.mark(index);
        CHECK_FALSE(window.is_fresh(index));
    }
    CHECK(window.is_fresh(4));
}

TEST_CASE("the window moves with the highest index") {
    ReplayWindow window;
    window.mark(10);
    window.mark(10 + ReplayWindow::kSize);
    CHECK_FALSE(window.is_fresh(10));  // fell out
    CHECK(window.is_fresh(11));
    window.mark(1'000'000'000'000);
    CHECK_FALSE(window.is_fresh(10 + ReplayWindow::kSize));
    CHECK(window.is_fresh(1'000'000'000'000 - ReplayWindow::kSize + 1));
    CHECK_FALSE(window.is_fresh(1'000'000'000'000 - ReplayWindow::kSize));
}
