// From a new connection into the room.
#include "tests/unit/client/support.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("a session greets, joins and is in the room") {
    Client client;
    CHECK(client.session.deadline() == kNever);
    client.connect();
    CHECK(client.said().hello().protocol_version() == 1);
    CHECK(client.said().hello().software() == "test 1");
    client.hear(welcome(), client.said().request_id());
    CHECK(client.event<proto::Welcome>().server_name() == "Lab");
    const auto join = client.said().join();
    CHECK(join.room() == "lab");
    CHECK(join.name() == "Ann");
    CHECK(join.password() == "secret");
    CHECK(join.resume_token().empty());
    CHECK(join.srtp_profile() == proto::AEAD_AES_128_GCM);
    CHECK_FALSE(client.session.is_joined());

    client.hear(joined(), client.said().request_id());
    CHECK(client.event<proto::Joined>().session_id() == 50);
    CHECK(client.session.is_joined());
    CHECK(client.session.id() == SessionId{50});
    CHECK(client.session.self()->name() == "Ann");
    CHECK(client.session.resume_token() == "token 1");
}

TEST_CASE("a refusal of the greeting or the join ends the session") {
    for (const auto code : {proto::VERSION_MISMATCH, proto::NAME_TAKEN, proto::WRONG_PASSWORD}) {
        Client client;
        if (code == proto::VERSION_MISMATCH) {
            client.connect();
        } else {
            client.come_to_join();
        }
        client.hear(refused(code), client.said().request_id());
        CHECK(client.why_ended() == Ended::Why::refused);
        CHECK(client.event<Ended>().error.code() == code);
    }
}

TEST_CASE("bytes that are no message end the session") {
    Client client;
    client.connect();
    client.act(
        [&](auto& s, auto& o) { s.frame({.message = as_bytes("\xff\xff"), .data = {}}, client.now, o); });
    CHECK(client.why_ended() == Ended::Why::unreachable);
}

TEST_CASE("a session that can not connect at first ends at once") {
    Client client;
    client.lose();
    CHECK(client.why_ended() == Ended::Why::unreachable);
}

TEST_CASE("a server that does not answer the greeting or the join is given up") {
    Client client;
    client.connect();
    const bool greeted = GENERATE(false, true);
    if (greeted) client.hear(welcome(), client.said().request_id());
    CHECK(client.session.deadline() == kStart + Session::kAnswerTimeout);
    client.wait(Session::kAnswerTimeout);
    client.close_if_asked();
    CHECK(client.why_ended() == Ended::Why::unreachable);
}

TEST_CASE("joining waits for signaling to come back, without asking too often") {
    Client client;
    const auto first = client.come_to_join();
    client.hear(refused(proto::UNAVAILABLE), first.request_id());
    CHECK(client.out.events.empty());
    CHECK(client.out.bytes.empty());
    CHECK(client.session.deadline() == kStart + Session::kRejoinGap);
    client.wait(Session::kRejoinGap);
    const auto second = client.said();
    CHECK(second.has_join());
    client.hear(joined(), second.request_id());
    CHECK(client.session.is_joined());
}

TEST_CASE("a join that is answered after its time is not asked for again") {
    Client client;
    const auto first = client.come_to_join();
    client.hear(refused(proto::UNAVAILABLE), first.request_id());
    client.hear(joined(), first.request_id());
    REQUIRE(client.session.is_joined());
    client.wait(Session::kRejoinGap);
    for (const auto& message : client.sent()) CHECK_FALSE(message.has_join());
}

TEST_CASE("a second join that crosses the answer to the first is harmless") {
    Client client;
    const auto first = client.come_to_join();
    client.hear(refused(proto::UNAVAILABLE), first.request_id());
    client.wait(Session::kRejoinGap);
    const auto second = client.said();
    client.hear(joined(), first.request_id());
    client.hear(refused(proto::ALREADY_JOINED), second.request_id());
    CHECK(client.session.is_joined());
    CHECK(client.out.events.empty());
}

TEST_CASE("what is to be sent is published after joining, beside what the session has") {
    auto with = options();
    with.streams.emplace_back().set_stream_id(2);
    with.streams.back().set_kind(proto::VIDEO);
    Client client(with);
    client.come_in();
    const auto publish = client.said().publish();
    REQUIRE(publish.streams_size() == 2);
    CHECK(publish.streams(0).kind() == proto::AUDIO);
    CHECK(publish.streams(1).stream_id() == 2);
    client.lose();
    client.come_back();
    CHECK(client.sent().empty());  // the server kept it
}

}  // namespace
}  // namespace connectsphere::client
