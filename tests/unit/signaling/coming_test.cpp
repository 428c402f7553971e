// Coming and going: join, leave, a lost connection, a return, a gateway that is new.
#include "tests/unit/signaling/support.hpp"

namespace connectsphere::signaling {
namespace {

proto::ToService gateway_hello(std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> live) {
    proto::ToService message;
    message.mutable_hello()->set_instance_id(5);
    for (const auto& [connection, session] : live) {
        auto& one = *message.mutable_hello()->add_connections();
        one.set_connection_id(connection);
        one.set_session_id(session);
    }
    return message;
}

TEST_CASE("who joins is admitted and told the room, the others are told who came") {
    Signaling signaling;
    const auto ann = signaling.join(" Ann ");
    CHECK(ann.participant.name() == "Ann");
    CHECK(ann.participant.role() == proto::HOST);
    CHECK(ann.participant.connected());
    CHECK(ann.participant.joined_at() == unix_ms(signaling.now));
    CHECK(ann.token.size() == 32);
    REQUIRE(ann.participant.streams_size() == 1);
    CHECK(ann.participant.streams(0).encodings(0).ssrc() == ann.participant.audio_ssrc());
    CHECK(signaling.events().empty());

    const auto bob = signaling.join("Bob");
    const auto& admit = signaling.out.to_gateway.at(0).admit();
    CHECK(admit.connection_id() == bob.connection);
    CHECK(admit.session_id() == bob.session);
    CHECK(admit.srtp_profile() == proto::AEAD_AES_128_GCM);
    const auto joined = signaling.answered().joined();
    CHECK(joined.resume_seconds() == 30);
    CHECK_FALSE(joined.resumed());
    CHECK(joined.server_time() == unix_ms(signaling.now));
    CHECK(joined.room().name() == "lobby");
    CHECK(joined.room().participants_size() == 2);
    const auto event = signaling.event();
    CHECK(event.to == Ids{ann.session});
    CHECK(event.message.participant_joined().participant().name() == "Bob");
}

TEST_CASE("rooms do not hear of each other") {
    Signaling signaling;
    signaling.join("Ann", "lobby");
    const auto bob = signaling.join("Bob", "garden");
    CHECK(signaling.events().empty());
    CHECK(signaling.answered().joined().room().participants_size() == 1);
    CHECK(bob.participant.role() == proto::HOST);
    signaling.say(bob, "hi", 1);
    CHECK(signaling.event().to == Ids{bob.session});
}

TEST_CASE("W18: names and rooms that break a rule are refused in a sentence") {
    Signaling signaling;
    struct Row {
        std::string name, room, text;
    };
    const Row rows[] = {
        {"", "lobby", "the name is empty"},
        {"Ann\x1B[2J", "lobby", "the name has control characters; leave them out"},
        {std::string(65, 'a'), "lobby", "the name is longer than 64 bytes; choose a shorter one"},
        {"Ann", " ", "the room's name is empty"},
        {"Ann", std::string(65, 'a'), "the room's name is longer than 64 bytes; choose a shorter one"},
    };
    for (const auto& row : rows) {
        const auto error = signaling.try_join(row.name, row.room).error();
        CHECK(error.code() == proto::BAD_REQUEST);
        CHECK(error.text() == row.text);
        CHECK(signaling.out.state.empty());
    }
}

TEST_CASE("a name that is taken comes back with one that is free") {
    Signaling signaling;
    signaling.join("Ann");
    const auto error = signaling.try_join(" Ann").error();
    CHECK(error.code() == proto::NAME_TAKEN);
    CHECK(error.suggestion() == "Ann 2");
    CHECK(error.text() == "\"Ann\" is taken in this room; \"Ann 2\" is free");
    CHECK(signaling.join(error.suggestion()).participant.name() == "Ann 2");
    CHECK(signaling.join("Ann", "garden").participant.name() == "Ann");
}

TEST_CASE("the longest name that is taken comes back with one that is not too long") {
    Signaling signaling;
    const std::string longest(64, 'a');
    signaling.join(longest);
    signaling.join(signaling.try_join(longest).error().suggestion());
}

TEST_CASE("rooms and the server have a limit of places") {
    auto with = context();
    with.config.limits.room_members = 2;
    with.config.limits.rooms = 1;
    Signaling signaling(with);
    signaling.join("Ann");
    signaling.join("Bob");
    CHECK(signaling.try_join("Cem").error().code() == proto::ROOM_FULL);
    CHECK(signaling.try_join("Cem", "garden").error().code() == proto::SERVER_FULL);
}

TEST_CASE(
    "W1, W2: two people behind one address are two participants, and one leaving costs the other nothing") {
    Signaling signaling;
    const auto ann = signaling.join("Ann", "lobby", "192.0.2.7");
    const auto bob = signaling.join("Bob", "lobby", "192.0.2.7");
    CHECK(ann.session != bob.session);
    CHECK(ann.participant.audio_ssrc() != bob.participant.audio_ssrc());
    CHECK(ann.participant.mix_ssrc() != bob.participant.mix_ssrc());
    CHECK(ann.participant.video_rtcp_ssrc() != bob.participant.video_rtcp_ssrc());

    signaling.now += 1s;
    proto::ClientMessage leave;
    leave.mutable_leave();
    signaling.ask(ann, leave);
    CHECK(signaling.dismissed() == Ids{ann.session});
    const auto room = signaling.published();
    REQUIRE(room.participants_size() == 1);
    auto heir = bob.participant;
    heir.set_role(proto::HOST);
    CHECK(room.participants(0).SerializeAsString() == heir.SerializeAsString());
    CHECK(signaling.say(bob, "still here", 1).has_chat_accepted());
    CHECK(signaling.event().to == Ids{bob.session});
}

TEST_CASE("who leaves is answered, then dismissed, and the others are told") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob");
    proto::ClientMessage leave;
    leave.mutable_leave();
    CHECK(signaling.ask(bob, leave).has_done());
    REQUIRE(signaling.out.to_gateway.size() == 3);
    CHECK(signaling.out.to_gateway[0].has_answer());
    CHECK(signaling.out.to_gateway[1].dismiss().session_id() == bob.session);
    const auto event = signaling.event();
    CHECK(event.to == Ids{ann.session});
    CHECK(event.message.participant_left().session_id() == bob.session);
    CHECK(event.message.participant_left().name() == "Bob");
    CHECK(event.message.participant_left().reason() == proto::LEFT);
    CHECK(signaling
              .try_join([&] {
                  proto::Join join;
                  join.set_resume_token(bob.token);
                  return join;
              }())
              .error()
              .code() == proto::BAD_TOKEN);
}

TEST_CASE("a lost connection keeps its place for 30 s, then times out") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob");
    signaling.now += 1s;
    signaling.lose(bob);
    CHECK(signaling.event().to == Ids{ann.session});
    CHECK_FALSE(signaling.event().message.participant_updated().participant().connected());
    CHECK_FALSE(signaling.published().participants(1).connected());
    CHECK(signaling.try_join("Bob").error().code() == proto::NAME_TAKEN);

    signaling.wait(30s - 1ns);
    CHECK(signaling.events().empty());
    signaling.wait(1ns);
    CHECK(signaling.dismissed() == Ids{bob.session});
    CHECK(signaling.event().to == Ids{ann.session});
    CHECK(signaling.event().message.participant_left().reason() == proto::TIMED_OUT);
    signaling.join("Bob");
}

TEST_CASE("the deadline is the expiry when nothing comes before it") {
    auto with = context();
    with.config.limits.resume = std::chrono::seconds(1);
    Signaling signaling(with);
    signaling.lose(signaling.join("Ann"));
    signaling.wait(100ms);
    CHECK(signaling.engine.deadline() == kStart + 1s);
    signaling.wait(900ms);
    CHECK(signaling.dismissed().size() == 1);
}

TEST_CASE("who returns with its token is the same participant, as if it had never left") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob");
    signaling.lose(bob);
    signaling.now += 29s;
    const auto back = signaling.resume(bob);
    CHECK(back.session == bob.session);
    CHECK(back.token != bob.token);
    CHECK(back.participant.SerializeAsString() == bob.participant.SerializeAsString());
    CHECK(signaling.answered().joined().resumed());
    CHECK(signaling.event().to == Ids{ann.session, bob.session});
    CHECK(signaling.event().message.participant_updated().participant().connected());
    signaling.wait(60s);
    CHECK(signaling.dismissed().empty());
}

TEST_CASE("a return passes on which keys the client still holds") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    proto::Join join;
    join.set_resume_token(ann.token);
    auto& held = *join.add_held_epochs();
    held.set_plane(proto::PLANE_AUDIO);
    held.set_epoch(4);
    signaling.try_join(join);
    const auto& admit = signaling.out.to_gateway.at(0).admit();
    REQUIRE(admit.client_epochs_size() == 1);
    CHECK(admit.client_epochs(0).epoch() == 4);
}

TEST_CASE("a client that returns before its old connection was noticed lost stays when that is noticed") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto back = signaling.resume(ann);
    CHECK(signaling.events().empty());  // nobody saw it go
    signaling.lose(ann);
    CHECK(signaling.events().empty());
    signaling.wait(60s);
    CHECK(signaling.dismissed().empty());
    CHECK(signaling.say(back, "hi", 1).has_chat_accepted());
}

TEST_CASE("a client whose answer got lost returns with the token that it has") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    signaling.resume(ann);
    const auto back = signaling.resume(ann);
    CHECK(back.session == ann.session);
    CHECK(signaling.resume(back).session == ann.session);
}

TEST_CASE("a token that is wrong or used is refused") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto second = signaling.resume(ann);
    const auto third = signaling.resume(second);
    proto::Join join;
    for (const std::string& token : {std::string("x"), std::string(32, '\0'), ann.token}) {
        join.set_resume_token(token);
        CHECK(signaling.try_join(join).error().code() == proto::BAD_TOKEN);
    }
    CHECK(signaling.resume(third).session == ann.session);
}

TEST_CASE("requests of sessions that have ended, and second joins, are refused") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    proto::ClientMessage message;
    message.mutable_get_room();
    CHECK(signaling.ask(9, 4711, message).error().code() == proto::NOT_JOINED);
    message.mutable_join()->set_name("Ann 2");
    CHECK(signaling.ask(ann, message).error().code() == proto::ALREADY_JOINED);
    message.clear_join();
    CHECK(signaling.ask(ann, message).error().code() == proto::BAD_REQUEST);
}

TEST_CASE("a gateway that is new says who is connected, and signaling agrees") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob");
    const auto cem = signaling.join("Cem");
    signaling.lose(cem);
    signaling.now += 1s;
    // Ann stays, Bob is gone, Cem is back on another connection, and nobody knows session 4711.
    signaling.ctl(gateway_hello({{ann.connection, ann.session}, {90, cem.session}, {91, 4711}}));
    CHECK(signaling.dismissed() == Ids{4711});
    signaling.wait(50ms);
    const auto room = signaling.published();
    REQUIRE(room.participants_size() == 3);
    CHECK(room.participants(0).connected());
    CHECK_FALSE(room.participants(1).connected());
    CHECK(room.participants(2).connected());
    signaling.wait(30s);
    CHECK(signaling.dismissed() == Ids{bob.session});
}

TEST_CASE("a gateway that knows nobody loses everybody, and everybody may return") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto bob = signaling.join("Bob");
    signaling.ctl(gateway_hello({}));
    CHECK(signaling.dismissed().empty());
    CHECK(signaling.resume(ann).session == ann.session);
    CHECK(signaling.resume(bob).session == bob.session);
    signaling.wait(60s);
    CHECK(signaling.dismissed().empty());
}

}  // namespace
}  // namespace connectsphere::signaling
