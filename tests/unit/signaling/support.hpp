// A signaling service for tests: clients are connections that ask, what was decided is read from the outbox.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "services/signaling/signaling_engine.hpp"
#include "tests/support/entropy.hpp"

namespace connectsphere::signaling {

constexpr Time kStart{1h};

inline EngineContext context() {
    EngineContext context;
    context.instance = {77};
    context.entropy = test::seeded_entropy(9);
    context.to_wall = [](Time time) {
        return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()));
    };
    return context;
}

inline std::uint64_t unix_ms(Time time) {
    return static_cast<std::uint64_t>(milliseconds(time.time_since_epoch()));
}

// An event, and the sessions that it is for.
struct Event {
    std::vector<std::uint64_t> to;
    proto::ServerMessage message;
};

struct Signaling {
    // A participant as its client knows it.
    struct Member {
        std::uint64_t connection = 0;
        std::uint64_t session = 0;
        std::string token;
        proto::Participant participant;
    };

    explicit Signaling(const EngineContext& with = context(), std::shared_ptr<Store> store = nullptr)
        : engine(with, std::move(store)) {}

    SignalingEngine engine;
    Time now = kStart;
    Outbox out;
    std::uint64_t last_request = 0;
    std::uint64_t last_connection = 0;

    // Asks, as the gateway passes it on; gives the answer.
    proto::ServerMessage ask(std::uint64_t connection, std::uint64_t session, proto::ClientMessage message,
                             const std::string& ip = "192.0.2.1") {
        message.set_request_id(++last_request);
        proto::ToService request;
        request.set_request_id(1000 + last_request);
        auto& body = *request.mutable_client_request();
        body.set_connection_id(connection);
        body.set_session_id(session);
        body.set_peer_ip(ip);
        body.set_client_message(message.SerializeAsString());
        ctl(request);
        return answered();
    }
    proto::ServerMessage ask(const Member& member, const proto::ClientMessage& message) {
        return ask(member.connection, member.session, message);
    }
    void ctl(const proto::ToService& message) {
        out.clear();
        engine.on_ctl(message, now, out);
    }
    void wait(Duration duration) {
        out.clear();
        now += duration;
        engine.on_time(now, out);
    }

    proto::ServerMessage try_join(const proto::Join& join, const std::string& ip = "192.0.2.1") {
        proto::ClientMessage message;
        *message.mutable_join() = join;
        return ask(++last_connection, 0, message, ip);
    }
    proto::ServerMessage try_join(const std::string& name, const std::string& room = "lobby",
                                  const std::string& ip = "192.0.2.1") {
        proto::Join join;
        join.set_name(name);
        join.set_room(room);
        return try_join(join, ip);
    }
    // Joins; what was delivered stays in `out`.
    Member join(const std::string& name, const std::string& room = "lobby",
                const std::string& ip = "192.0.2.1") {
        return member_of(try_join(name, room, ip));
    }
    Member resume(const Member& member) {
        proto::Join join;
        join.set_resume_token(member.token);
        return member_of(try_join(join));
    }
    Member member_of(const proto::ServerMessage& answer) const {
        INFO(answer.ShortDebugString());
        REQUIRE(answer.has_joined());
        const auto& joined = answer.joined();
        for (const auto& participant : joined.room().participants()) {
            if (participant.session_id() == joined.session_id())
                return {last_connection, joined.session_id(), joined.resume_token(), participant};
        }
        FAIL("the joined room lacks the one who joined");
        return {};
    }
    void lose(const Member& member) {
        proto::ToService message;
        message.mutable_connection_lost()->set_connection_id(member.connection);
        message.mutable_connection_lost()->set_session_id(member.session);
        ctl(message);
    }

    proto::ServerMessage say(const Member& member, const std::string& text, std::uint64_t id,
                             std::uint64_t to = 0) {
        proto::ClientMessage message;
        message.mutable_send_chat()->set_text(text);
        message.mutable_send_chat()->set_client_message_id(id);
        message.mutable_send_chat()->set_to_session_id(to);
        return ask(member, message);
    }

    // ---- what the last call decided
    proto::ServerMessage answered() const {
        proto::ServerMessage message;
        int answers = 0;
        for (const auto& one : out.to_gateway) {
            if (one.request_id() == 0) continue;
            ++answers;
            CHECK(one.request_id() == 1000 + last_request);
            const auto& bytes =
                one.has_admit() ? one.admit().server_message() : one.answer().server_message();
            REQUIRE(message.ParseFromString(bytes));
        }
        REQUIRE(answers == 1);
        CHECK(message.request_id() == last_request);
        return message;
    }
    std::vector<Event> events() const {
        std::vector<Event> list;
        for (const auto& one : out.to_gateway) {
            if (!one.has_deliver()) continue;
            auto& event = list.emplace_back();
            event.to.assign(one.deliver().session_ids().begin(), one.deliver().session_ids().end());
            REQUIRE(event.message.ParseFromString(one.deliver().server_message()));
        }
        return list;
    }
    Event event() const {
        const auto list = events();
        REQUIRE(list.size() == 1);
        return list[0];
    }
    std::vector<std::uint64_t> dismissed() const {
        std::vector<std::uint64_t> list;
        for (const auto& one : out.to_gateway)
            if (one.has_dismiss()) list.push_back(one.dismiss().session_id());
        return list;
    }
    // The participants of the one room that was published; fails when another number was.
    proto::Room published() const {
        const proto::Room* room = nullptr;
        for (const auto& message : out.state) {
            if (!message.has_room()) continue;
            REQUIRE(room == nullptr);
            room = &message.room();
        }
        REQUIRE(room != nullptr);
        return *room;
    }
};

using Ids = std::vector<std::uint64_t>;

}  // namespace connectsphere::signaling
