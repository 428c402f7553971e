// The picture on its way: whole, exact, at each viewer's own pace.
#include "tests/unit/screen_broker/support.hpp"

namespace connectsphere::screen_broker::test {
namespace {

// A presenter, session 3, and viewers, sessions 11 and up, one connection each.
struct Scene {
    explicit Scene(std::size_t count, int width = 640, int height = 400, std::uint32_t seed = 1)
        : canvas(width, height, seed), presenter(world, start()) {
        canvas.text(canvas.all());
        for (std::size_t i = 0; i < count; ++i) add();
        answer();
        presenter.show(canvas);
    }
    Watcher& add() {
        watchers.push_back(std::make_unique<Watcher>(world, world.enter(11 + watchers.size())));
        return *watchers.back();
    }
    ConnectionId start() {
        world.set_members(60);
        const auto line = world.enter(3);
        REQUIRE(world.start(line).has_done());
        return line;
    }
    void answer() { presenter.answer(); }
    // Everybody reads, and the presenter does what is wanted, until it is still.
    void settle() {
        for (int i = 0; i < 50; ++i) {
            answer();
            presenter.refine();
            for (auto& watcher : watchers) watcher->catch_up();
            world.pass(100ms);
        }
    }
    void check_all_have_it() {
        for (auto& watcher : watchers) {
            CHECK(watcher->whole);
            CHECK(watcher->picture.is_exact());
            CHECK(same_pixels(watcher->picture.view(), canvas.view()));
        }
    }

    World world;
    Canvas canvas;
    Presenter presenter;
    std::vector<std::unique_ptr<Watcher>> watchers;
};

TEST_CASE("viewers see what the presenter shows, pixel for pixel") {
    Scene scene(3);
    scene.settle();
    scene.check_all_have_it();
    scene.canvas.text({100, 100, 9, 14});
    scene.presenter.show(scene.canvas);
    for (auto& watcher : scene.watchers) watcher->catch_up();
    scene.check_all_have_it();
}

TEST_CASE("viewers that lack the same get the same frame, made once") {
    Scene scene(20);
    scene.settle();
    const auto made = scene.world.metric("screen_deltas_made"), sent = scene.world.metric("screen_deltas");
    for (int i = 0; i < 10; ++i) {
        scene.world.pass(100ms);
        scene.canvas.text({20 * i, 50, 9, 14});
        scene.presenter.show(scene.canvas);
        for (auto& watcher : scene.watchers) watcher->catch_up();
    }
    CHECK(scene.world.metric("screen_deltas") == sent + 200);
    CHECK(scene.world.metric("screen_deltas_made") == made + 10);
}

TEST_CASE("a late viewer has the whole picture at once, and the presenter sends nothing for it") {
    Scene scene(1);
    scene.settle();
    const auto sent = scene.presenter.number();
    auto& late = scene.add();
    late.catch_up();
    CHECK(late.whole);
    CHECK(same_pixels(late.picture.view(), scene.canvas.view()));
    CHECK(late.deltas.front().first == scene.world.now);
    CHECK(scene.presenter.number() == sent);
}

TEST_CASE("nobody watches: the presenter is told, and told when somebody does") {
    Scene scene(1);
    CHECK(scene.presenter.need.viewers() == 1);
    scene.world.close({110});
    scene.answer();
    CHECK(scene.presenter.need.viewers() == 0);
    scene.add();
    scene.answer();
    CHECK(scene.presenter.need.viewers() == 1);
}

TEST_CASE("trap W5: a stalled viewer among ten changes nothing for the others, and catches up in one go") {
    const auto run = [](bool stalls) {
        auto scene = std::make_unique<Scene>(11, 256, 160);
        scene->settle();
        std::size_t waiting = 0;
        for (int i = 0; i < 600; ++i) {  // a minute
            scene->world.pass(100ms);
            scene->canvas.change();
            scene->presenter.show(scene->canvas);
            for (std::size_t n = stalls ? 1 : 0; n < scene->watchers.size(); ++n)
                scene->watchers[n]->catch_up();
            scene->answer();
            scene->presenter.refine();
            for (std::size_t n = stalls ? 1 : 0; n < scene->watchers.size(); ++n)
                scene->watchers[n]->catch_up();
            waiting = std::max(waiting, scene->watchers[0]->waiting_bytes());
        }
        CHECK(waiting < (700U << 10));
        return scene;
    };
    auto with = run(true);
    auto without = run(false);
    for (std::size_t n = 1; n < with->watchers.size(); ++n) {
        // The same number of pictures, at the same moments.
        const auto& a = with->watchers[n]->deltas;
        const auto& b = without->watchers[n]->deltas;
        std::set<Time> at, then;
        for (const auto& delta : a) at.insert(delta.first);
        for (const auto& delta : b) then.insert(delta.first);
        CHECK(at == then);
    }
    auto& stalled = *with->watchers[0];
    const auto before = stalled.deltas.size();
    with->settle();
    with->check_all_have_it();
    CHECK(stalled.deltas.size() - before < 60);  // not the 600 that it missed
}

TEST_CASE("a scroll goes as a copy to who is in step, and late viewers get its pixels on demand") {
    Scene scene(2, 1280, 720);
    scene.settle();
    auto& in_step = *scene.watchers[0];
    scene.canvas.scroll(scene.canvas.all(), 48);
    scene.presenter.show(scene.canvas);
    in_step.catch_up();
    CHECK(in_step.copies == 1);
    CHECK(same_pixels(in_step.picture.view(), scene.canvas.view()));

    auto& late = scene.add();
    late.catch_up();
    CHECK_FALSE(late.whole);  // what was moved is not here: the presenter is asked
    scene.answer();
    const auto drawn = in_step.deltas.size();
    late.catch_up();
    CHECK(late.whole);
    CHECK(same_pixels(late.picture.view(), scene.canvas.view()));
    in_step.catch_up();
    CHECK(in_step.deltas.size() == drawn);  // it has them already
}

TEST_CASE("a viewer that is behind applies the copies that it missed, few of them") {
    Scene scene(1, 1280, 720);
    scene.settle();
    auto& viewer = *scene.watchers[0];
    // It acknowledges nothing, so that its window closes.
    for (int i = 0; i < 40; ++i) {
        scene.world.pass(50ms);
        scene.canvas.scroll(scene.canvas.all(), 48);
        scene.presenter.show(scene.canvas);
    }
    scene.settle();
    CHECK(viewer.copies > 0);
    scene.check_all_have_it();
}

TEST_CASE("another size reaches everybody") {
    Scene scene(2);
    scene.settle();
    Canvas larger(700, 500);
    larger.text(larger.all());
    scene.presenter.show(larger);
    for (auto& watcher : scene.watchers) {
        watcher->catch_up();
        CHECK(same_pixels(watcher->picture.view(), larger.view()));
    }
}

TEST_CASE("a presenter that dies in the middle of an update leaves a picture, and another takes its place") {
    Scene scene(2);
    scene.settle();
    proto::ClientMessage half;
    auto& update = *half.mutable_screen_update();
    update.set_number(scene.presenter.number() + 1);
    update.set_more(true);
    auto& tile = *update.add_tiles();
    tile.set_index(0);
    tile.set_encoding(proto::SOLID);
    tile.set_bytes(3);
    scene.world.send({30}, half, Buffer{1, 2, 3});
    scene.world.close({30});
    for (auto& watcher : scene.watchers) {
        watcher->catch_up();
        CHECK_FALSE(watcher->whole);
        CHECK(watcher->picture.grid().count() > 0);
    }
    scene.world.pass(BrokerEngine::kSilence);
    for (auto& watcher : scene.watchers) {
        watcher->catch_up();
        CHECK(watcher->cleared == 1);
    }
    const auto other = scene.world.enter(4);
    REQUIRE(scene.world.start(other).has_done());
    scene.presenter.begin(other);
    scene.presenter.show(scene.canvas);
    scene.settle();
    scene.check_all_have_it();
}

TEST_CASE("a broker that begins anew has the picture from the presenter") {
    Scene scene(2);
    scene.settle();
    scene.world.restart();
    scene.watchers.clear();
    const auto line = scene.world.enter(3);
    REQUIRE(scene.world.start(line).has_done());
    scene.presenter.begin(line);
    scene.add();
    scene.answer();
    CHECK(scene.presenter.need.viewers() == 1);
    scene.presenter.show(scene.canvas);
    scene.settle();
    scene.check_all_have_it();
}

TEST_CASE("the pointer moves at once and has its image once") {
    Scene scene(2);
    scene.settle();
    proto::ClientMessage message;
    auto& cursor = *message.mutable_screen_cursor();
    cursor.set_visible(true);
    cursor.set_x(-3);
    cursor.set_y(7);
    cursor.set_shape(5);
    cursor.set_width(16);
    cursor.set_height(16);
    scene.world.send({30}, message, Buffer(100, 1));
    for (auto& watcher : scene.watchers) {
        watcher->read();
        CHECK(watcher->cursor.x() == -3);
        CHECK(watcher->cursor.shape() == 5);
    }
    cursor.set_x(4);
    scene.world.send({30}, message);
    CHECK(scene.world.inboxes[{110}].front().data.empty());
    auto& late = scene.add();
    late.catch_up();
    CHECK(late.cursor.x() == 4);
    CHECK(late.cursor.width() == 16);
    cursor.set_shape(6);  // without its image
    scene.world.send({30}, message);
    CHECK(scene.world.was_closed({30}));
}

TEST_CASE("trap W18: an update that breaks a rule ends its presenter, and harms nobody") {
    struct Row {
        const char* name;
        std::function<void(proto::ScreenUpdate&)> spoil;
        std::size_t data;
    };
    const auto tile = [](proto::ScreenUpdate& update, std::uint32_t index, int encoding,
                         std::uint32_t bytes) {
        auto& out = *update.add_tiles();
        out.set_index(index);
        out.set_encoding(static_cast<proto::TileEncoding>(encoding));
        out.set_bytes(bytes);
    };
    const auto copy = [](proto::ScreenUpdate& update, std::uint32_t x, std::uint32_t y, std::uint32_t w,
                         std::uint32_t h) {
        auto& out = *update.add_copies();
        out.set_to_x(x);
        out.set_to_y(y);
        out.set_width(w);
        out.set_height(h);
    };
    const Row rows[] = {
        {"number skipped", [](auto& u) { u.set_number(9); }, 0},
        {"tile outside", [&](auto& u) { tile(u, 70, 1, 3); }, 3},
        {"tile far outside", [&](auto& u) { tile(u, 0xFFFFFFFF, 1, 3); }, 3},
        {"tiles not in order", [&](auto& u) { tile(u, 2, 1, 3), tile(u, 1, 1, 3); }, 6},
        {"a tile twice", [&](auto& u) { tile(u, 2, 1, 3), tile(u, 2, 1, 3); }, 6},
        {"no encoding", [&](auto& u) { tile(u, 2, 0, 3); }, 3},
        {"unknown encoding", [&](auto& u) { tile(u, 2, 6, 3); }, 3},
        {"an empty tile", [&](auto& u) { tile(u, 2, 1, 0); }, 0},
        {"a huge tile", [&](auto& u) { tile(u, 2, 1, 16'385); }, 16'385},
        {"less data than said", [&](auto& u) { tile(u, 2, 1, 3); }, 2},
        {"more data than said", [&](auto& u) { tile(u, 2, 1, 3); }, 4},
        {"sizes that wrap", [&](auto& u) { tile(u, 1, 1, 0xFFFFFFFF), tile(u, 2, 1, 4); }, 3},
        {"more than a part", [&](auto& u) { tile(u, 2, 1, 3); }, BrokerEngine::kPart + 1},
        {"copy to outside", [&](auto& u) { copy(u, 600, 0, 100, 10); }, 0},
        {"copy from outside", [&](auto& u) { copy(u, 0, 0, 10, 10), u.mutable_copies(0)->set_from_y(395); },
         0},
        {"copy that wraps", [&](auto& u) { copy(u, 0xFFFFFFF0, 0, 32, 10); }, 0},
        {"copy of nothing", [&](auto& u) { copy(u, 0, 0, 0, 10); }, 0},
        {"too many copies",
         [&](auto& u) {
             for (int i = 0; i < 17; ++i) copy(u, 1, 1, 9, 9);
         },
         0},
        {"a patch on what was moved", [&](auto& u) { copy(u, 0, 0, 64, 64), tile(u, 0, 5, 9); }, 9},
        {"a size of nothing", [](auto& u) { u.set_width(5); }, 0},
        {"a huge side", [](auto& u) { u.set_width(16'385), u.set_height(1); }, 0},
        {"a huge picture", [](auto& u) { u.set_width(5000), u.set_height(5000); }, 0},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Scene scene(1);
        scene.settle();
        proto::ClientMessage message;
        auto& update = *message.mutable_screen_update();
        update.set_number(scene.presenter.number() + 1);
        row.spoil(update);
        scene.world.send({30}, message, Buffer(row.data, 1));
        CHECK(scene.world.was_closed({30}));
        CHECK_FALSE(scene.world.was_closed({110}));
        CHECK(scene.world.metric("screen_malformed_total") == 1);
    }
}

TEST_CASE("trap W18: a viewer that acknowledges what it never got is cut") {
    Scene scene(2);
    scene.settle();
    scene.watchers[0]->received += 1;
    scene.watchers[0]->acknowledge();
    CHECK(scene.world.was_closed({110}));
    CHECK_FALSE(scene.world.was_closed({120}));
}

TEST_CASE("whatever happens, every viewer ends with the presenter's screen") {
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        Scene scene(8, 200, 150, seed);
        for (int i = 0; i < 150; ++i) {
            auto& canvas = scene.canvas;
            for (auto n = canvas.random(3); n > 0; --n) canvas.change();
            if (canvas.random(5) != 0) scene.presenter.show(canvas);
            scene.world.pass(std::chrono::milliseconds(canvas.random(120)));
            if (canvas.random(4) == 0) scene.presenter.refine();
            if (canvas.random(2) == 0) scene.answer();
            for (auto& watcher : scene.watchers) {
                const auto mood = canvas.random(6);
                if (mood < 3) watcher->read(1 + canvas.random(3));
                if (mood < 2) watcher->acknowledge();
                if (mood == 5) watcher->catch_up();
            }
            if (i % 20 == 10 && scene.watchers.size() < 14) scene.add();
        }
        scene.presenter.show(scene.canvas);
        scene.settle();
        scene.check_all_have_it();
    }
}

}  // namespace
}  // namespace connectsphere::screen_broker::test
