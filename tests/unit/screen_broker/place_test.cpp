// The presenter's place, and who is told.
#include "tests/unit/screen_broker/support.hpp"

namespace connectsphere::screen_broker::test {
namespace {

using Told = std::map<std::uint64_t, std::uint64_t>;

Told all(std::uint64_t presenter, std::uint64_t members = 9) {
    Told told;
    for (std::uint64_t session = 1; session <= members; ++session) told[session] = presenter;
    return told;
}

TEST_CASE("a ticket opens the plane once, for a member of a room") {
    World world;
    proto::ClientMessage open;
    open.set_request_id(3);
    open.mutable_open_screen();
    CHECK(world.ctl(99, open).error().code() == proto::UNAVAILABLE);
    const auto answer = world.ctl(3, open);
    CHECK(answer.ticket().plane() == proto::PLANE_SCREEN);
    CHECK(answer.ticket().port() == 9001);

    proto::ClientMessage enter;
    enter.mutable_enter_screen()->set_ticket(answer.ticket().ticket());
    world.send({31}, enter);
    CHECK(world.last({31}).has_screen_entered());
    world.send({32}, enter);
    CHECK(world.last({32}).error().code() == proto::BAD_TOKEN);
    CHECK(world.was_closed({32}));

    proto::ClientMessage watch;
    watch.mutable_watch_screen();
    world.send({33}, watch);
    CHECK(world.last({33}).error().code() == proto::NOT_JOINED);
    CHECK(world.was_closed({33}));

    for (std::uint64_t nth = 2; nth <= PlaneDoor::kMaxConnections; ++nth) world.enter(3, nth + 10);
    enter.mutable_enter_screen()->set_ticket(world.ticket(3));
    world.send({39}, enter);
    CHECK(world.last({39}).error().code() == proto::SERVER_FULL);
}

TEST_CASE("of two would-be presenters one has the place, and everybody knows which") {
    World world;
    const auto ann = world.enter(3), bob = world.enter(4);
    world.take_announcements();
    CHECK(world.start(ann).has_done());
    CHECK(world.take_announcements() == all(3));
    CHECK(world.start(bob).error().code() == proto::FORBIDDEN);
    CHECK(world.start(bob, true).error().code() == proto::FORBIDDEN);  // no moderator
    CHECK(world.take_announcements().empty());
    CHECK(world.start(world.enter(9)).error().code() == proto::FORBIDDEN);  // a listener
}

TEST_CASE("a moderator takes over, and who presented is told by whom") {
    World world;
    const auto ann = world.enter(3), moderator = world.enter(2);
    world.start(ann);
    CHECK(world.start(moderator, true).has_done());
    CHECK(world.take_announcements() == all(2));
    const auto ended = world.last(ann).presenting_ended();
    CHECK(ended.why() == proto::TAKEN_OVER);
    CHECK(ended.by_session_id() == 2);
    // What is still on its way from the one who lost it does no harm.
    Canvas canvas(100, 100);
    Presenter late(world, ann);
    late.show(canvas);
    CHECK_FALSE(world.was_closed(ann));
    CHECK(world.metric("screen_stray_updates_total") == 1);
}

TEST_CASE("who asks waits until the presenter grants it or ends") {
    World world;
    const auto ann = world.enter(3), bob = world.enter(4), cem = world.enter(5);
    world.start(ann);
    world.to_gateway.clear();
    CHECK(world.start(bob, false, true).arm_case() == proto::ServerMessage::ARM_NOT_SET);  // no answer yet
    proto::ServerMessage asked;
    REQUIRE(asked.ParseFromString(world.to_gateway.back().deliver().server_message()));
    CHECK(asked.presenting_requested().session_id() == 4);
    CHECK(world.to_gateway.back().deliver().session_ids(0) == 3);
    world.start(cem, false, true);

    proto::ClientMessage grant;
    grant.set_request_id(8);
    grant.mutable_grant_presenting()->set_session_id(6);
    world.send(ann, grant);
    CHECK(world.last(ann).error().code() == proto::NOT_FOUND);
    world.send(bob, grant);
    CHECK(world.last(bob).error().code() == proto::FORBIDDEN);
    grant.mutable_grant_presenting()->set_session_id(5);
    world.send(ann, grant);
    CHECK(world.take_announcements() == all(5));
    bool cem_was_answered = false;
    for (const auto& each : world.inboxes[cem]) cem_was_answered |= each.message.request_id() == 77;
    CHECK(cem_was_answered);

    world.close(cem);
    world.remove_member(5);  // and the first in line has it
    CHECK(world.take_announcements()[3] == 4);
}

TEST_CASE("trap W24: a presenter that says nothing for 10 s loses its place, one that is still keeps it") {
    World world;
    const auto ann = world.enter(3);
    world.start(ann);
    world.pass(BrokerEngine::kSettle);
    world.take_announcements();
    for (int i = 0; i < 10; ++i) {
        world.pass(BrokerEngine::kAlive);
        proto::ClientMessage alive;
        alive.mutable_presenter_alive();
        world.send(ann, alive);
    }
    CHECK(world.take_announcements().count(3) == 0);
    world.pass(9999ms);
    CHECK(world.take_announcements().count(3) == 0);
    world.pass(1ms);
    CHECK(world.take_announcements() == all(0));
    CHECK(world.last(ann).presenting_ended().why() == proto::SILENT);
    CHECK(world.start(world.enter(4)).has_done());
}

TEST_CASE("a presenter whose connection broke comes back to its place within 10 s") {
    World world;
    const auto ann = world.enter(3);
    world.start(ann);
    world.close(ann);
    CHECK(world.start(world.enter(4)).error().code() == proto::FORBIDDEN);
    world.pass(5s);
    const auto again = world.enter(3, 1);
    CHECK(world.start(again).has_done());
    world.pass(9s);
    world.take_announcements();
    world.close(again);
    world.pass(10s);
    CHECK(world.take_announcements() == all(0));
}

TEST_CASE("trap W17: who leaves the room loses its connections and its place") {
    World world;
    const auto ann = world.enter(3), viewer = world.enter(4);
    world.start(ann);
    Watcher watcher(world, viewer);
    Canvas canvas(100, 100);
    Presenter presenter(world, ann);
    presenter.show(canvas);
    watcher.catch_up();
    CHECK(watcher.whole);
    world.remove_member(3);
    CHECK(world.was_closed(ann));
    watcher.catch_up();
    CHECK(watcher.cleared == 1);
    CHECK(world.take_announcements()[4] == 0);
    world.remove_member(4);
    CHECK(world.was_closed(viewer));
    CHECK(world.metric("screen_viewers") == 0);
    CHECK(world.metric("screen_held_bytes") <= 0);
}

TEST_CASE("who comes in while somebody presents is told, and told again, for its connection may be younger") {
    World world;
    world.start(world.enter(3));
    world.take_announcements();
    world.set_members(10);
    CHECK(world.take_announcements() == Told{{10, 3}});
    world.pass(BrokerEngine::kRepeat);
    CHECK(world.take_announcements()[10] == 3);
}

TEST_CASE("after a restart everybody is told of a presenter that came back, and of one that did not") {
    World world;
    world.start(world.enter(3));
    world.restart();
    world.take_announcements();
    SECTION("it comes back") {
        world.start(world.enter(3));
        CHECK(world.take_announcements() == all(3));
        world.pass(BrokerEngine::kSettle);
        for (const auto& [session, presenter] : world.take_announcements()) CHECK(presenter == 3);
    }
    SECTION("it does not") {
        world.pass(BrokerEngine::kSettle);
        CHECK(world.take_announcements() == all(0));
    }
}

}  // namespace
}  // namespace connectsphere::screen_broker::test
