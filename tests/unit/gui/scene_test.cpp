#include "client-gui/scene.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere::gui;

namespace {

Scene three_tiles(std::uint64_t version_of_second) {
    Scene scene({300, 100});
    scene.fill({0, 0, 300, 100}, 0xFF000000);
    for (int i = 0; i < 3; ++i) {
        scene.picture({.rect = {100 * i, 0, 90, 50},
                       .picture = static_cast<std::uint64_t>(i),
                       .version = i == 1 ? version_of_second : 1});
        scene.text({100 * i, 60, 90, 20}, "name", 0xFFFFFFFF, {});
    }
    return scene;
}

}  // namespace

TEST_CASE("a new picture damages its tile and nothing else") {
    CHECK(damage(three_tiles(1), three_tiles(1)).empty());
    CHECK(damage(three_tiles(1), three_tiles(2)) == std::vector<Rect>{{100, 0, 90, 50}});
}

TEST_CASE("what comes and what goes is damage where it is") {
    auto with_toast = three_tiles(1);
    with_toast.fill({10, 80, 50, 20}, 0xFFFF0000);
    CHECK(damage(three_tiles(1), with_toast) == std::vector<Rect>{{10, 80, 50, 20}});
    CHECK(damage(with_toast, three_tiles(1)) == std::vector<Rect>{{10, 80, 50, 20}});
}

TEST_CASE("another size is all new, and damage stays inside the window") {
    CHECK(damage(Scene({200, 100}), three_tiles(1)) == std::vector<Rect>{{0, 0, 300, 100}});
    auto outside = three_tiles(1);
    outside.fill({280, 90, 100, 100}, 0xFFFF0000);
    CHECK(damage(three_tiles(1), outside) == std::vector<Rect>{{280, 90, 20, 10}});
}

TEST_CASE("damage that overlaps is one rectangle") {
    auto before = three_tiles(1), after = three_tiles(1);
    before.fill({0, 0, 20, 20}, 0xFFFF0000);
    after.fill({10, 10, 20, 20}, 0xFFFF0000);
    CHECK(damage(before, after) == std::vector<Rect>{{0, 0, 30, 30}});
}

TEST_CASE("what is clipped neither shows nor reacts outside") {
    Scene scene({100, 100});
    scene.clip_to({0, 0, 50, 50});
    scene.fill({60, 60, 20, 20}, 0xFFFFFFFF);
    scene.spot({.rect = {40, 40, 30, 30}, .action = {.does = Does::join}, .name = "half"});
    scene.spot({.rect = {60, 60, 20, 20}, .action = {.does = Does::join}, .name = "outside"});
    CHECK(scene.items().empty());
    REQUIRE(scene.spots().size() == 1);
    CHECK(scene.spots()[0].rect == Rect{40, 40, 10, 10});
    CHECK(scene.spot_at({55, 55}) == nullptr);
}

TEST_CASE("the topmost spot reacts, and a dialog takes the reactions of what is behind it") {
    Scene scene({100, 100});
    scene.spot({.rect = {0, 0, 100, 100}, .action = {}, .name = "below"});
    scene.spot({.rect = {10, 10, 20, 20}, .action = {}, .name = "above"});
    CHECK(scene.spot_at({15, 15})->name == "above");
    CHECK(scene.spot_at({50, 50})->name == "below");
    scene.block_spots();
    CHECK(scene.spot_at({15, 15}) == nullptr);
}
