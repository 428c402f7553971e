// What hosts and moderators may do to others, and others may not.
#include "tests/unit/signaling/support.hpp"

namespace connectsphere::signaling {
namespace {

proto::ClientMessage mute(std::uint64_t whom, bool microphone = true, bool camera = true) {
    proto::ClientMessage message;
    message.mutable_mute()->set_session_id(whom);
    message.mutable_mute()->set_microphone(microphone);
    message.mutable_mute()->set_camera(camera);
    return message;
}

proto::ClientMessage remove(std::uint64_t whom, const std::string& reason = {}) {
    proto::ClientMessage message;
    message.mutable_remove()->set_session_id(whom);
    message.mutable_remove()->set_reason(reason);
    return message;
}

proto::ClientMessage set_role(std::uint64_t whose, proto::Role role) {
    proto::ClientMessage message;
    message.mutable_set_role()->set_session_id(whose);
    message.mutable_set_role()->set_role(role);
    return message;
}

proto::ClientMessage lower_hand(std::uint64_t whose) {
    proto::ClientMessage message;
    message.mutable_raise_hand()->set_session_id(whose);
    return message;
}

// Ann came first, and is the host.
struct Lesson : Signaling {
    Member ann = join("Ann"), bob = join("Bob"), cleo = join("Cleo");
    Member stranger = join("Stranger", "elsewhere");

    proto::Participant see(const Member& member) {
        proto::ClientMessage get;
        get.mutable_get_room();
        const auto reply = ask(member, get);
        for (const auto& one : reply.room().participants()) {
            if (one.session_id() == member.session) return one;
        }
        return {};
    }
};

TEST_CASE("the host turns off a microphone and a camera, and who had them on is told") {
    Lesson room;
    CHECK(room.ask(room.ann, mute(room.bob.session)).has_done());
    const auto events = room.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0].to == std::vector{room.bob.session});
    CHECK(events[0].message.muted().by_name() == "Ann");
    CHECK(events[0].message.muted().microphone());
    CHECK(events[0].message.muted().camera());
    CHECK(events[1].message.participant_updated().participant().microphone_muted());
    CHECK(room.see(room.bob).camera_off());

    // What is off already is no news; what is not meant stays as it is.
    CHECK(room.ask(room.ann, mute(room.bob.session)).has_done());
    CHECK(room.events().empty());
    room.ask(room.ann, mute(room.cleo.session, true, false));
    CHECK_FALSE(room.see(room.cleo).camera_off());
}

TEST_CASE("only hosts and moderators act on others, and only in their own room") {
    Lesson room;
    const auto code = [&](const Signaling::Member& who, const proto::ClientMessage& message) {
        return room.ask(who, message).error().code();
    };
    for (const auto& message :
         {mute(room.cleo.session), remove(room.cleo.session), lower_hand(room.cleo.session),
          set_role(room.cleo.session, proto::MODERATOR)}) {
        INFO(message.ShortDebugString());
        CHECK(code(room.bob, message) == proto::FORBIDDEN);
        CHECK(code(room.stranger, message) == proto::NOT_FOUND);
        CHECK(room.events().empty());
    }
    CHECK(code(room.ann, mute(12345)) == proto::NOT_FOUND);
    CHECK_FALSE(room.see(room.cleo).microphone_muted());

    CHECK(room.ask(room.ann, set_role(room.bob.session, proto::MODERATOR)).has_done());
    CHECK(room.ask(room.bob, mute(room.cleo.session)).has_done());
    CHECK(code(room.bob, set_role(room.cleo.session, proto::MODERATOR)) == proto::FORBIDDEN);
    CHECK(code(room.bob, remove(room.ann.session)) == proto::FORBIDDEN);  // nobody removes the host
}

TEST_CASE("a moderator lowers a hand, but nobody raises another's") {
    Lesson room;
    proto::ClientMessage raise;
    raise.mutable_raise_hand()->set_raised(true);
    room.ask(room.bob, raise);
    CHECK(room.ask(room.ann, lower_hand(room.bob.session)).has_done());
    CHECK(room.see(room.bob).hand_raised_at() == 0);
    raise.mutable_raise_hand()->set_session_id(room.bob.session);
    CHECK(room.ask(room.ann, raise).error().code() == proto::BAD_REQUEST);
}

TEST_CASE("who is removed is told why, leaves, and its token is worth nothing") {
    Lesson room;
    CHECK(room.ask(room.ann, remove(room.bob.session, "be quiet")).has_done());
    const auto events = room.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0].to == std::vector{room.bob.session});
    CHECK(events[0].message.dismissed().reason() == proto::KICKED);
    CHECK(events[0].message.dismissed().text() == "Ann removed you from the room: be quiet");
    CHECK(events[1].to == std::vector{room.ann.session, room.cleo.session});
    CHECK(events[1].message.participant_left().reason() == proto::KICKED);

    proto::Join join;
    join.set_resume_token(room.bob.token);
    CHECK(room.try_join(join).error().code() == proto::BAD_TOKEN);
    CHECK(room.ask(room.ann, remove(room.cleo.session, std::string(201, 'x'))).error().code() ==
          proto::BAD_REQUEST);
    CHECK(room.see(room.cleo).session_id() == room.cleo.session);
}

TEST_CASE("the host hands the room on, and a room never lacks one") {
    Lesson room;
    CHECK(room.ask(room.ann, set_role(room.ann.session, proto::PARTICIPANT)).error().code() ==
          proto::BAD_REQUEST);
    CHECK(room.ask(room.ann, set_role(room.cleo.session, proto::HOST)).has_done());
    CHECK(room.see(room.ann).role() == proto::MODERATOR);
    CHECK(room.see(room.cleo).role() == proto::HOST);

    proto::ClientMessage leave;
    leave.mutable_leave();
    room.ask(room.cleo, leave);  // a moderator goes before who has been there longer
    CHECK(room.see(room.ann).role() == proto::HOST);
    room.ask(room.ann, leave);
    CHECK(room.see(room.bob).role() == proto::HOST);
}

}  // namespace
}  // namespace connectsphere::signaling
