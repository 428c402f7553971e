// The connection breaks, and what a session does to be back under its own name.
#include "tests/unit/client/support.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("a session that lost its connection returns with its token and the keys that it holds") {
    Client client;
    client.come_in();
    client.hear(media_keys(proto::PLANE_AUDIO, 3));
    client.hear(media_keys(proto::PLANE_AUDIO, 4));
    proto::ServerMessage chat;
    chat.mutable_chat_message()->set_message_id(17);
    client.hear(chat);
    client.lose();
    CHECK(client.event<Disconnected>().retry_at == kStart + Session::kFirstRetry);
    CHECK_FALSE(client.session.is_joined());

    const auto join = client.come_to_join().join();
    CHECK(client.find<proto::Welcome>() == nullptr);
    CHECK(join.resume_token() == "token 1");
    REQUIRE(join.held_epochs_size() == 1);
    CHECK(join.held_epochs(0).plane() == proto::PLANE_AUDIO);
    CHECK(join.held_epochs(0).epoch() == 4);
    CHECK(join.last_message_id() == 17);
    client.hear(joined(true, "token 2"), client.said().request_id());
    CHECK(client.event<proto::Joined>().resumed());
    CHECK(client.session.resume_token() == "token 2");
}

TEST_CASE("a session whose place is gone joins as new, holding no keys") {
    Client client;
    client.come_in();
    client.hear(media_keys(proto::PLANE_AUDIO, 4));
    client.lose();
    client.hear(refused(proto::BAD_TOKEN), client.come_to_join().request_id());
    const auto again = client.said();
    CHECK(again.join().resume_token().empty());
    CHECK(again.join().held_epochs().empty());
    CHECK(again.join().name() == "Ann");
    client.hear(joined(), again.request_id());
    client.lose();
    CHECK(client.come_to_join().join().held_epochs().empty());
}

TEST_CASE("a token of an earlier life is tried first") {
    auto with = options();
    with.resume_token = "earlier";
    Client client(with);
    CHECK(client.come_to_join().join().resume_token() == "earlier");
}

TEST_CASE("waiting before the next attempt doubles up to 2 s and begins anew after a success") {
    Client client;
    client.come_in();
    for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
        client.lose();
        CHECK(client.session.reconnect_at() - client.now == expected);
        client.now = client.session.reconnect_at();
    }
    client.come_back();
    CHECK(client.session.reconnect_at() == kNever);
    client.lose();
    CHECK(client.session.reconnect_at() - client.now == Session::kFirstRetry);
}

TEST_CASE("a session gives up when its place can not be there any more") {
    Client client;
    client.come_in();
    client.lose();
    client.now = kStart + 30s - 1ns;
    client.lose();
    CHECK_FALSE(client.session.is_over());
    client.now = kStart + 30s;
    client.lose();
    CHECK(client.why_ended() == Ended::Why::unreachable);
    CHECK(client.event<Ended>().text == kBroken.what);
}

TEST_CASE("a server that says nothing for three keepalives is gone, whatever TCP believes") {
    Client client;
    client.come_in();
    while (!client.out.disconnect) {
        REQUIRE(client.session.deadline() >= client.now);
        client.wait(client.session.deadline() - client.now);
        REQUIRE(client.now <= kStart + 15s + 1ms);
    }
    CHECK(client.now > kStart + 15s);
    client.close_if_asked();
    CHECK(client.find<Disconnected>() != nullptr);
}

TEST_CASE("a session keeps its connection alive and measures it") {
    Client client;
    client.come_in();
    client.wait(0s);
    const auto ping = client.said();
    REQUIRE(ping.has_ping());
    client.now += 7ms;
    proto::ServerMessage pong;
    pong.mutable_pong()->set_client_time(ping.ping().client_time());
    client.hear(pong, ping.request_id());
    CHECK(client.session.round_trip() == Duration(7ms));
    CHECK(client.session.deadline() == kStart + 5s);
    client.wait(5s);
    CHECK(client.said().has_ping());
}

}  // namespace
}  // namespace connectsphere::client
