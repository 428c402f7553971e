#include "services/common/rooms.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;

namespace {

using Sessions = std::vector<SessionId>;

proto::StateMessage room(std::uint64_t instance, std::uint64_t version, std::uint64_t id,
                         std::initializer_list<std::uint64_t> sessions) {
    proto::StateMessage message;
    message.set_instance_id(instance);
    message.set_version(version);
    message.mutable_room()->set_room_id(id);
    for (const auto session : sessions) message.mutable_room()->add_participants()->set_session_id(session);
    return message;
}

proto::StateMessage index(std::uint64_t instance, std::uint64_t version,
                          std::initializer_list<std::uint64_t> rooms) {
    proto::StateMessage message;
    message.set_instance_id(instance);
    message.set_version(version);
    message.mutable_index();
    for (const auto id : rooms) message.mutable_index()->add_room_ids(id);
    return message;
}

}  // namespace

TEST_CASE("the mirror tells who joined, changed and left") {
    RoomMirror mirror;
    auto change = mirror.apply(room(1, 1, 10, {100, 101}));
    CHECK(change.joined == Sessions{{100}, {101}});
    CHECK(change.rooms == std::vector<RoomId>{{10}});
    CHECK(mirror.room_of({100}) == RoomId{10});

    auto next = room(1, 2, 10, {101, 102});
    next.mutable_room()->mutable_participants(0)->set_camera_off(true);
    change = mirror.apply(next);
    CHECK(change.joined == Sessions{{102}});
    CHECK(change.updated == Sessions{{101}});
    CHECK(change.left == Sessions{{100}});
    CHECK(mirror.participant({101})->camera_off());
    CHECK(mirror.participant({100}) == nullptr);
    CHECK_FALSE(mirror.room_of({100}));
    CHECK(mirror.session_count() == 2);
}

TEST_CASE("a repeated or older snapshot changes nothing") {
    RoomMirror mirror;
    mirror.apply(room(1, 5, 10, {100}));
    const auto version = GENERATE(4U, 5U);
    const auto change = mirror.apply(room(1, version, 10, {}));
    CHECK(change.rooms.empty());
    CHECK(mirror.participant({100}) != nullptr);
}

TEST_CASE("an unchanged room under a new version is no change") {
    RoomMirror mirror;
    mirror.apply(room(1, 1, 10, {100}));
    const auto change = mirror.apply(room(1, 2, 10, {100}));
    CHECK(change.rooms.empty());
    CHECK(change.updated.empty());
}

TEST_CASE("a room that is not in the index is gone with its sessions") {
    RoomMirror mirror;
    mirror.apply(room(1, 1, 10, {100}));
    mirror.apply(room(1, 2, 11, {101}));
    const auto change = mirror.apply(index(1, 3, {11}));
    CHECK(change.left == Sessions{{100}});
    CHECK(change.rooms == std::vector<RoomId>{{10}});
    CHECK(mirror.room({10}) == nullptr);
    CHECK(mirror.room({11}) != nullptr);
}

TEST_CASE("a session that changes rooms has not left") {
    RoomMirror mirror;
    mirror.apply(room(1, 1, 10, {100}));
    CHECK(mirror.apply(room(1, 2, 11, {100})).updated == Sessions{{100}});
    CHECK(mirror.apply(room(1, 3, 10, {})).left.empty());
    CHECK(mirror.room_of({100}) == RoomId{11});
}

TEST_CASE("rooms of an older instance stay until the new one has spoken of them") {
    RoomMirror mirror;
    mirror.apply(room(1, 50, 10, {100}));
    mirror.apply(room(1, 51, 11, {101}));
    mirror.apply(room(1, 52, 12, {102}));

    CHECK(mirror.apply(room(2, 1, 10, {100})).rooms.empty());
    CHECK(mirror.participant({101}) != nullptr);
    CHECK(mirror.apply(index(2, 2, {10, 11})).left == Sessions{{102}});
    CHECK(mirror.participant({101}) != nullptr);
    CHECK(mirror.apply(room(2, 3, 11, {})).left == Sessions{{101}});
}

TEST_CASE("a message that names no room is ignored") {
    RoomMirror mirror;
    mirror.apply(room(1, 1, 10, {100}));
    CHECK(mirror.apply(proto::StateMessage{}).rooms.empty());
    CHECK(mirror.apply(room(2, 1, 0, {7})).rooms.empty());
    CHECK(mirror.session_count() == 1);
}
