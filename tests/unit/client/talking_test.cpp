// In the room: chat that is never lost and never doubled, and how a session ends.
#include "tests/unit/client/support.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("chat that was not acknowledged is repeated with the same id after a return") {
    Client client;
    client.come_in();
    client.chat("one");
    const auto one = client.said().send_chat();
    client.chat("two", {60});
    const auto two = client.said().send_chat();
    CHECK(one.client_message_id() != two.client_message_id());
    CHECK(two.to_session_id() == 60);
    client.hear(accepted(one.client_message_id()), 3);
    CHECK(client.session.unacknowledged_chats() == 1);

    client.lose();
    client.chat("three");
    CHECK(client.out.bytes.empty());
    client.come_back();
    const auto again = client.sent();
    REQUIRE(again.size() == 2);
    CHECK(again[0].send_chat().SerializeAsString() == two.SerializeAsString());
    CHECK(again[1].send_chat().text() == "three");
    client.hear(accepted(again[0].send_chat().client_message_id()), again[0].request_id());
    client.hear(accepted(again[1].send_chat().client_message_id()), again[1].request_id());
    CHECK(client.session.unacknowledged_chats() == 0);
}

TEST_CASE("ids of chat messages begin behind those of an earlier life") {
    auto with = options();
    with.first_client_message_id = 1000;
    Client client(with);
    client.come_in();
    client.chat("one");
    CHECK(client.said().send_chat().client_message_id() == 1001);
}

TEST_CASE("chat that came too fast, or while signaling was away, is repeated in time") {
    struct Row {
        proto::ErrorCode code;
        std::uint32_t retry_after_ms;
        Duration wait;
    };
    for (const auto& row : {Row{proto::RATE_LIMITED, 300, 300ms}, Row{proto::UNAVAILABLE, 0, 50ms}}) {
        Client client;
        client.come_in();
        client.wait(0s);  // the first ping
        client.chat("hello");
        const auto first = client.said();
        client.hear(refused(row.code, row.retry_after_ms), first.request_id());
        CHECK(client.out.events.empty());
        CHECK(client.session.deadline() == client.now + row.wait);
        client.wait(row.wait - 1ns);
        CHECK(client.sent().empty());
        client.wait(1ns);
        CHECK(client.said().send_chat().SerializeAsString() == first.send_chat().SerializeAsString());
        CHECK(client.said().request_id() != first.request_id());
    }
}

TEST_CASE("chat that is refused for good is reported and not repeated") {
    Client client;
    client.come_in();
    client.chat("psst", {4711});
    client.hear(refused(proto::NOT_FOUND), client.said().request_id());
    CHECK(client.event<RequestFailed>().what == "chat");
    CHECK(client.session.unacknowledged_chats() == 0);
    client.lose();
    client.come_back();
    CHECK(client.sent().empty());
}

TEST_CASE("other requests that are refused are reported by name") {
    Client client;
    client.come_in();
    client.act([](auto& s, auto& o) { s.react("!", o); });
    client.hear(refused(proto::RATE_LIMITED, 100), client.said().request_id());
    CHECK(client.event<RequestFailed>().what == "reaction");
    client.act([](auto& s, auto& o) { s.raise_hand(true, o); });
    CHECK(client.said().raise_hand().raised());
    client.act([](auto& s, auto& o) { s.set_media_state(true, false, o); });
    CHECK(client.said().set_media_state().microphone_muted());
}

TEST_CASE("a session keeps the picture of its room") {
    Client client;
    client.come_in();
    proto::ServerMessage message;
    auto& bob = *message.mutable_participant_joined()->mutable_participant();
    bob.set_session_id(60);
    bob.set_name("Bob");
    client.hear(message);
    client.hear(message);
    CHECK(client.session.room().participants_size() == 2);
    CHECK(client.session.participant_by_name("Bob")->session_id() == 60);
    message.mutable_participant_updated()->mutable_participant()->set_session_id(60);
    message.mutable_participant_updated()->mutable_participant()->set_name("Bob");
    message.mutable_participant_updated()->mutable_participant()->set_hand_raised_at(9);
    client.hear(message);
    CHECK(client.session.participant({60})->hand_raised_at() == 9);
    message.mutable_participant_left()->set_session_id(60);
    client.hear(message);
    CHECK(client.session.participant({60}) == nullptr);
    message.mutable_room()->add_participants()->set_session_id(70);
    client.hear(message);
    CHECK(client.session.participant({70}) != nullptr);
    CHECK(client.session.self() == nullptr);
}

TEST_CASE("leaving is said, and over when the server agrees") {
    Client client;
    client.come_in();
    client.act([](auto& s, auto& o) { s.leave(o); });
    CHECK(client.said().has_leave());
    CHECK_FALSE(client.session.is_over());
    proto::ServerMessage done;
    done.mutable_done();
    client.hear(done, client.said().request_id());
    CHECK(client.why_ended() == Ended::Why::left);
    client.hear(welcome());
    CHECK(client.out.events.empty());
}

TEST_CASE("who leaves while the connection is broken does not return") {
    Client client;
    client.come_in();
    SECTION("it was broken before") {
        client.lose();
        client.act([](auto& s, auto& o) { s.leave(o); });
    }
    SECTION("it breaks before the server agrees") {
        client.act([](auto& s, auto& o) { s.leave(o); });
        client.lose();
    }
    CHECK(client.why_ended() == Ended::Why::left);
}

TEST_CASE("a session that the server ends does not return") {
    Client client;
    client.come_in();
    proto::ServerMessage message;
    message.mutable_dismissed()->set_text("the host removed you");
    client.hear(message);
    CHECK(client.why_ended() == Ended::Why::dismissed);
    CHECK(client.event<Ended>().text == "the host removed you");
    client.lose();
    CHECK(client.out.events.empty());
}

TEST_CASE("a server with another certificate is not spoken to") {
    Client client;
    client.act([](auto& s, auto& o) { s.distrust({Errc::forged, "another fingerprint"}, o); });
    CHECK(client.why_ended() == Ended::Why::distrusted);
    CHECK(client.out.bytes.empty());
}

TEST_CASE("events of a later version are passed over") {
    Client client;
    client.come_in();
    const std::string unknown = "\xc2\x3e" + std::string(1, '\0');  // field 1000
    client.act([&](auto& s, auto& o) { s.frame({.message = as_bytes(unknown), .data = {}}, client.now, o); });
    CHECK(client.out.events.empty());
    CHECK(client.session.is_joined());
}

}  // namespace
}  // namespace connectsphere::client
