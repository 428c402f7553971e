// What was said before, what one said oneself, and the place of an earlier life.
#include "tests/unit/client/support.hpp"

namespace connectsphere::client {
namespace {

proto::ServerMessage said_by(std::uint64_t session, std::uint64_t id) {
    proto::ServerMessage message;
    message.mutable_chat_message()->set_from_session_id(session);
    message.mutable_chat_message()->set_message_id(id);
    return message;
}

proto::ServerMessage taken_back(std::uint64_t id) {
    proto::ServerMessage message;
    message.mutable_chat_deleted()->set_message_id(id);
    return message;
}

TEST_CASE("the last message of one's own is known, and the one before it when that was taken back") {
    Client client;
    client.come_in();
    CHECK_FALSE(client.session.last_own_message());
    client.hear(said_by(50, 7));
    client.hear(said_by(50, 9));
    client.hear(said_by(51, 10));
    CHECK(client.session.last_own_message().value == 9);
    client.hear(taken_back(9));
    CHECK(client.event<proto::ChatDeleted>().message_id() == 9);
    CHECK(client.session.last_own_message().value == 7);
    client.hear(taken_back(7));
    CHECK_FALSE(client.session.last_own_message());
}

TEST_CASE("history counts as seen, and is never asked for twice") {
    Client client;
    client.come_in();
    proto::ServerMessage history;
    *history.mutable_history()->add_messages() = said_by(51, 21).chat_message();
    *history.mutable_history()->add_messages() = said_by(50, 22).chat_message();
    client.hear(history);
    CHECK(client.event<proto::History>().messages_size() == 2);
    CHECK(client.session.last_own_message().value == 22);
    client.lose();
    CHECK(client.come_to_join().join().last_message_id() == 22);
}

TEST_CASE("what was carried out is told by its name") {
    Client client;
    client.come_in();
    client.act([](auto& s, auto& out) { s.edit_chat({7}, "better", out); });
    proto::ServerMessage done;
    done.mutable_done();
    client.hear(done, client.said().request_id());
    CHECK(client.event<Done>().what == "edit");
}

TEST_CASE("an inherited place publishes what this life sends, not what the earlier one did") {
    auto with = options();
    with.resume_token = "earlier";
    Client client(with);
    auto place = joined(true, "token 2");
    place.mutable_joined()->mutable_room()->mutable_participants(0)->add_streams()->set_kind(proto::VIDEO);
    client.hear(place, client.come_to_join().request_id());
    const auto publish = client.said();
    REQUIRE(publish.has_publish());
    REQUIRE(publish.publish().streams_size() == 1);
    CHECK(publish.publish().streams(0).kind() == proto::AUDIO);
}

TEST_CASE("a visitor asks without joining") {
    auto with = options();
    with.visit = true;
    Client client(with);
    client.connect();
    client.hear(welcome(), client.said().request_id());
    CHECK(client.sent().empty());
    client.event<proto::Welcome>();
    client.act([](auto& s, auto& out) { s.get_room(out); });
    CHECK(client.said().get_room().room() == "lab");
    CHECK(client.said().get_room().password() == "secret");
    client.act([](auto& s, auto& out) { s.leave(out); });
    CHECK(client.why_ended() == Ended::Why::left);
}

}  // namespace
}  // namespace connectsphere::client
