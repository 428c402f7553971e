// What signaling publishes: whole snapshots, on change and from time to time.
#include "tests/unit/signaling/support.hpp"

namespace connectsphere::signaling {
namespace {

int rooms_in(const Outbox& out) {
    int count = 0;
    for (const auto& message : out.state) count += message.has_room() ? 1 : 0;
    return count;
}

// The rooms of the newest index; fails when there was none.
Ids index_in(const Outbox& out) {
    for (auto it = out.state.rbegin(); it != out.state.rend(); ++it) {
        if (it->has_index()) return {it->index().room_ids().begin(), it->index().room_ids().end()};
    }
    FAIL("no index was published");
    return {};
}

void mute(Signaling& signaling, const Signaling::Member& member) {
    proto::ClientMessage message;
    message.mutable_set_media_state()->set_microphone_muted(true);
    signaling.ask(member, message);
}

void leave(Signaling& signaling, const Signaling::Member& member) {
    proto::ClientMessage message;
    message.mutable_leave();
    signaling.ask(member, message);
}

TEST_CASE("a new room is published at once, and the index with it") {
    Signaling signaling;
    signaling.join("Ann");
    const auto room = signaling.published();
    CHECK(room.name() == "lobby");
    CHECK(room.participants(0).name() == "Ann");
    CHECK(index_in(signaling.out) == Ids{room.room_id()});
    CHECK(signaling.out.state[0].instance_id() == 77);
}

TEST_CASE("versions count up") {
    Signaling signaling;
    std::uint64_t last = 0;
    for (const char* name : {"Ann", "Bob", "Cem"}) {
        signaling.join(name, std::string("room of ") + name);
        for (const auto& message : signaling.out.state) {
            CHECK(message.version() > last);
            last = message.version();
        }
    }
}

TEST_CASE("a room that changes often is published at most every 50 ms, with the newest state") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    signaling.now += 10ms;
    const auto bob = signaling.join("Bob");
    CHECK(rooms_in(signaling.out) == 0);
    signaling.now += 10ms;
    mute(signaling, bob);
    CHECK(rooms_in(signaling.out) == 0);
    CHECK(signaling.engine.deadline() == kStart + 50ms);
    signaling.wait(29ms);
    CHECK(rooms_in(signaling.out) == 0);
    signaling.wait(1ms);
    REQUIRE(signaling.published().participants_size() == 2);
    CHECK(signaling.published().participants(1).microphone_muted());
    signaling.wait(50ms);
    CHECK(rooms_in(signaling.out) == 0);  // nothing new
    mute(signaling, ann);
    CHECK(rooms_in(signaling.out) == 1);  // quiet for 50 ms: at once
}

TEST_CASE("one busy room does not delay another") {
    Signaling signaling;
    signaling.join("Ann");
    signaling.join("Bob", "garden");
    CHECK(signaling.published().name() == "garden");
}

TEST_CASE("a subscriber is told everything at once") {
    Signaling signaling;
    signaling.join("Ann");
    signaling.join("Bob", "garden");
    signaling.out.clear();
    signaling.engine.on_subscriber(signaling.now, signaling.out);
    CHECK(rooms_in(signaling.out) == 2);
    CHECK(index_in(signaling.out).size() == 2);
}

TEST_CASE("a subscriber of an empty server is told that there are no rooms") {
    Signaling signaling;
    signaling.engine.on_subscriber(signaling.now, signaling.out);
    CHECK(rooms_in(signaling.out) == 0);
    CHECK(index_in(signaling.out).empty());
    CHECK(signaling.engine.deadline() == kNever);
}

TEST_CASE("everything is published again every 2 s") {
    Signaling signaling;
    signaling.join("Ann");
    signaling.join("Bob", "garden");
    for (int i = 0; i < 3; ++i) {
        signaling.wait(1900ms);
        CHECK(signaling.out.state.empty());
        CHECK(signaling.engine.deadline() == signaling.now + 100ms);
        signaling.wait(100ms);
        CHECK(rooms_in(signaling.out) == 2);
        CHECK(index_in(signaling.out).size() == 2);
    }
}

TEST_CASE("a room vanishes from the index with its last member") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob", "garden");
    const auto garden = signaling.published().room_id();
    SECTION("long after it changed") {
        signaling.now += 1s;
        leave(signaling, ann);
    }
    SECTION("soon after it changed") {
        leave(signaling, ann);
        signaling.wait(50ms);
    }
    CHECK(rooms_in(signaling.out) == 0);
    CHECK(index_in(signaling.out) == Ids{garden});
    leave(signaling, bob);
    CHECK(index_in(signaling.out).empty());
    signaling.wait(2s);
    CHECK(index_in(signaling.out).empty());
    CHECK(signaling.engine.deadline() == kNever);  // an empty server does not wake
    signaling.join("Ann");
    CHECK(rooms_in(signaling.out) == 1);
    CHECK(signaling.engine.deadline() < kNever);
}

TEST_CASE("no snapshot carries a token") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    for (const auto& message : signaling.out.state)
        CHECK(message.SerializeAsString().find(ann.token) == std::string::npos);
}

}  // namespace
}  // namespace connectsphere::signaling
