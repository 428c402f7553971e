// A client's session, and what the server that the test plays says to it.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lib/client/session.hpp"

namespace connectsphere::client {

constexpr Time kStart{1h};
inline const Error kBroken{Errc::closed, "the connection broke"};

inline proto::ServerMessage welcome() {
    proto::ServerMessage message;
    message.mutable_welcome()->set_server_name("Lab");
    message.mutable_welcome()->set_keepalive_seconds(5);
    return message;
}

inline proto::ServerMessage joined(bool resumed = false, std::string token = "token 1") {
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

inline proto::ServerMessage refused(proto::ErrorCode code, std::uint32_t retry_after_ms = 0) {
    proto::ServerMessage message;
    message.mutable_error()->set_code(code);
    message.mutable_error()->set_text("because");
    message.mutable_error()->set_retry_after_ms(retry_after_ms);
    return message;
}

inline proto::ServerMessage media_keys(proto::Plane plane, std::uint32_t epoch) {
    proto::ServerMessage message;
    message.mutable_media_keys()->set_plane(plane);
    message.mutable_media_keys()->set_epoch(epoch);
    return message;
}

inline proto::ServerMessage accepted(std::uint64_t client_message_id) {
    proto::ServerMessage message;
    message.mutable_chat_accepted()->set_client_message_id(client_message_id);
    return message;
}

inline Session::Options options() {
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

}  // namespace connectsphere::client
