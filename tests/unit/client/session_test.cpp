// The client's side of the control plane, against a server that the test plays.
#include "lib/client/session.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::client {
namespace {

constexpr Time kStart{1h};
const Error kBroken{Errc::closed, "the connection broke"};

proto::ServerMessage welcome() {
    proto::ServerMessage message;
    message.mutable_welcome()->set_server_name("Lab");
    message.mutable_welcome()->set_keepalive_seconds(5);
    return message;
}

proto::ServerMessage joined(bool resumed = false, std::string token = "token 1") {
    proto::ServerMessage message;
    auto& body = *message.mutable_joined();
    body.set_session_id(50);
    body.set_resume_token(std::move(token));
    body.set_resume_seconds(30);
    body.set_resumed(resumed);
    auto& self = *body.mutable_room()->add_participants();
    self.set_session_id(50);
    self.set_name("Ann");
    auto& audio = *self.add_streams();
    audio.set_stream_id(1);
    audio.set_kind(proto::AUDIO);
    return message;
}

proto::ServerMessage refused(proto::ErrorCode code, std::uint32_t retry_after_ms = 0) {
    proto::ServerMessage message;
    message.mutable_error()->set_code(code);
    message.mutable_error()->set_text("because");
    message.mutable_error()->set_retry_after_ms(retry_after_ms);
    return message;
}

proto::ServerMessage media_keys(proto::Plane plane, std::uint32_t epoch) {
    proto::ServerMessage message;
    message.mutable_media_keys()->set_plane(plane);
    message.mutable_media_keys()->set_epoch(epoch);
    return message;
}

proto::ServerMessage accepted(std::uint64_t client_message_id) {
    proto::ServerMessage message;
    message.mutable_chat_accepted()->set_client_message_id(client_message_id);
    return message;
}

Session::Options options() {
    Session::Options options;
    options.room = "lab";
    options.name = "Ann";
    options.password = "secret";
    options.software = "test 1";
    return options;
}

struct Client {
    explicit Client(Session::Options with = options()) : session(std::move(with)) {}

    Session session;
    Time now = kStart;
    Session::Output out;

    template <class Call>
    void act(Call call) {
        out = {};
        call(session, out);
    }
    void connect() {
        act([&](auto& s, auto& o) { s.connected(now, o); });
    }
    void lose() {
        act([&](auto& s, auto& o) { s.disconnected(kBroken, now, o); });
    }
    void wait(Duration duration) {
        now += duration;
        act([&](auto& s, auto& o) { s.on_time(now, o); });
    }
    // The server says this, as an answer to `request` or as an event.
    void hear(proto::ServerMessage message, std::uint64_t request = 0) {
        message.set_request_id(request);
        const auto bytes = message.SerializeAsString();
        act([&](auto& s, auto& o) { s.frame({.message = as_bytes(bytes), .data = {}}, now, o); });
    }
    // As the runner does when the session wants the connection closed.
    void close_if_asked() {
        REQUIRE(out.disconnect);
        lose();
    }
    void chat(const std::string& text, SessionId to = {}) {
        act([&](auto& s, auto& o) { s.chat(text, to, o); });
    }

    std::vector<proto::ClientMessage> sent() const {
        std::vector<proto::ClientMessage> messages;
        wire::FrameParser parser(1 << 20);
        REQUIRE(parser.append(out.bytes));
        for (auto frame = parser.next(); frame && *frame; frame = parser.next()) {
            auto& message = messages.emplace_back();
            REQUIRE(message.ParseFromString(std::string(as_text((*frame)->message))));
            CHECK(message.request_id() != 0);
        }
        return messages;
    }
    proto::ClientMessage said() const {
        const auto messages = sent();
        REQUIRE(messages.size() == 1);
        return messages[0];
    }
    template <class T>
    const T* find() const {
        for (const auto& event : out.events)
            if (const auto* found = std::get_if<T>(&event)) return found;
        return nullptr;
    }
    template <class T>
    const T& event() const {
        const auto* found = find<T>();
        REQUIRE(found != nullptr);
        return *found;
    }
    Ended::Why why_ended() const {
        CHECK(session.is_over());
        CHECK(out.disconnect);
        CHECK(session.reconnect_at() == kNever);
        return event<Ended>().why;
    }

    // From a new connection to the Join that is on its way.
    proto::ClientMessage come_to_join() {
        connect();
        hear(welcome(), said().request_id());
        return said();
    }
    void come_in() {
        hear(joined(), come_to_join().request_id());
        REQUIRE(session.is_joined());
    }
    void come_back() { hear(joined(true, "token 2"), come_to_join().request_id()); }
};

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

// ---- the connection breaks

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

// ---- chat

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

// ---- the room and its end

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
