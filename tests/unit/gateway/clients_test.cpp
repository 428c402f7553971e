// What the gateway itself answers to a client: greetings, refusals, limits.
#include "tests/unit/gateway/support.hpp"

namespace connectsphere::gateway {
namespace {

bool is_closed(const Gateway& gateway, std::uint64_t connection) {
    return gateway.out.closes == std::vector<ConnectionId>{{connection}};
}

TEST_CASE("the gateway welcomes a client and tells its limits") {
    Gateway gateway;
    gateway.open(5);
    CHECK(gateway.is_silent());
    gateway.say(5, Gateway::hello());
    const auto message = gateway.told(5);
    CHECK(message.request_id() == 1);
    const auto& welcome = message.welcome();
    CHECK(welcome.protocol_version() == 1);
    CHECK(welcome.server_name() == "Lab");
    CHECK(welcome.keepalive_seconds() == 5);
    CHECK(welcome.limits().name_bytes() == 64);
    CHECK(welcome.limits().chat_bytes() == 4000);
    CHECK(welcome.limits().messages_per_second() == 20);
    CHECK(welcome.limits().message_burst() == 60);
    CHECK(gateway.out.closes.empty());
}

TEST_CASE("a client of another protocol version is told so and closed") {
    for (const std::uint32_t version : {0U, 2U}) {
        Gateway gateway;
        gateway.open(5);
        gateway.say(5, Gateway::hello(version));
        CHECK(gateway.told(5).error().code() == proto::VERSION_MISMATCH);
        CHECK(is_closed(gateway, 5));
    }
}

TEST_CASE("requests that break a rule are refused with their number and reach no service") {
    struct Row {
        const char* what;
        bool greeted;
        proto::ClientMessage message;
        proto::ErrorCode code;
    };
    const Row rows[] = {
        {"joining before the greeting", false, Gateway::join(9), proto::BAD_REQUEST},
        {"chatting before joining", true, Gateway::chat(9), proto::NOT_JOINED},
        {"no arm", true, Gateway::request(9), proto::BAD_REQUEST},
        {"no request_id", true, Gateway::join(0), proto::BAD_REQUEST},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        Gateway gateway;
        gateway.open(5);
        if (row.greeted) gateway.say(5, Gateway::hello());
        gateway.say(5, row.message);
        const auto message = gateway.told(5);
        CHECK(message.request_id() == row.message.request_id());
        CHECK(message.error().code() == row.code);
        CHECK_FALSE(message.error().text().empty());
        CHECK(gateway.out.to_service.empty());
        CHECK(gateway.out.closes.empty());
    }
}

TEST_CASE("of two arms in one message the last one counts, for the gateway and the service alike") {
    Gateway gateway;
    gateway.greet(5);
    // Joining is allowed and chatting is not: the join in front opens no door.
    gateway.bytes(5, Gateway::join(9).SerializeAsString() + Gateway::chat(9).SerializeAsString());
    CHECK(gateway.told(5).error().code() == proto::NOT_JOINED);
    CHECK(gateway.out.to_service.empty());

    const auto both = Gateway::chat(9).SerializeAsString() + Gateway::join(9).SerializeAsString();
    gateway.bytes(5, both);
    proto::ClientMessage passed_on;
    REQUIRE(passed_on.ParseFromString(gateway.to(proto::SIGNALING).client_request().client_message()));
    CHECK(passed_on.has_join());
}

TEST_CASE("an arm of a later version is refused and the connection lives") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.bytes(5, "\x08\x07\xc2\x3e" + std::string(1, '\0'));
    CHECK(gateway.told(5).request_id() == 7);
    CHECK(gateway.told(5).error().code() == proto::BAD_REQUEST);
    CHECK(gateway.out.closes.empty());
}

TEST_CASE("bytes that are no message are answered and the connection is closed") {
    Gateway gateway;
    gateway.greet(5);
    SECTION("malformed") { gateway.bytes(5, "\xff\xff\xff"); }
    SECTION("data beside the message, which the control plane has not") {
        gateway.bytes(5, Gateway::join(9).SerializeAsString(), as_bytes("x"));
    }
    CHECK(gateway.told(5).request_id() == 0);
    CHECK(gateway.told(5).error().code() == proto::BAD_REQUEST);
    CHECK(is_closed(gateway, 5));
    CHECK(gateway.out.to_service.empty());
}

TEST_CASE("a client that never stops asking wrongly is closed") {
    Gateway gateway;
    gateway.greet(5);
    for (int i = 0; i < GatewayEngine::kMaxFaults; ++i) {
        gateway.say(5, Gateway::chat(9));
        CHECK(gateway.out.closes.empty());
    }
    gateway.say(5, Gateway::chat(9));
    CHECK(is_closed(gateway, 5));
}

TEST_CASE("frames of a connection that the gateway does not know are ignored") {
    Gateway gateway;
    gateway.say(5, Gateway::hello());
    CHECK(gateway.is_silent());
    gateway.close(5);
    CHECK(gateway.is_silent());
}

TEST_CASE("a ping is answered by the gateway, before joining too") {
    Gateway gateway;
    gateway.greet(5);
    auto ping = Gateway::request(8);
    ping.mutable_ping()->set_client_time(1234567);
    gateway.say(5, ping);
    CHECK(gateway.told(5).request_id() == 8);
    CHECK(gateway.told(5).pong().client_time() == 1234567);
}

TEST_CASE("requests over the rate are refused with the time to wait, leaving and muting never") {
    Gateway gateway;
    gateway.join_as(5, 50);  // the join took one of the burst
    for (int i = 0; i < 59; ++i) {
        gateway.say(5, Gateway::chat(9));
        proto::ToGateway answer;
        answer.set_request_id(gateway.to(proto::SIGNALING).request_id());
        answer.mutable_answer();
        gateway.from(proto::SIGNALING, answer);
    }
    gateway.say(5, Gateway::chat(77));
    const auto refused = gateway.told(5);
    CHECK(refused.request_id() == 77);
    CHECK(refused.error().code() == proto::RATE_LIMITED);
    CHECK(refused.error().retry_after_ms() >= 50);
    CHECK(refused.error().retry_after_ms() <= 51);
    CHECK(gateway.out.to_service.empty());

    auto mute = Gateway::request(78);
    mute.mutable_set_media_state()->set_microphone_muted(true);
    auto ping = Gateway::request(79);
    ping.mutable_ping();
    auto leave = Gateway::request(80);
    leave.mutable_leave();
    for (int i = 0; i < 10; ++i) {
        gateway.say(5, mute);
        CHECK(gateway.out.to_service.size() == 1);
        gateway.say(5, ping);
        CHECK(gateway.told(5).has_pong());
    }
    gateway.say(5, leave);
    CHECK(gateway.out.to_service.size() == 1);

    gateway.now += std::chrono::milliseconds(refused.error().retry_after_ms());
    gateway.say(5, Gateway::chat(81));
    CHECK(gateway.out.to_service.size() == 1);
}

TEST_CASE("one client's rate is not another's") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.join_as(6, 60);
    for (int i = 0; i < 100; ++i) gateway.say(5, Gateway::chat(9));
    REQUIRE(gateway.told(5).error().code() == proto::RATE_LIMITED);
    gateway.say(6, Gateway::chat(9));
    CHECK(gateway.out.to_service.size() == 1);
}

TEST_CASE("a client with too many unanswered requests is refused until one is answered") {
    Gateway gateway;
    gateway.join_as(5, 50);
    auto mute = Gateway::request(9);
    mute.mutable_set_media_state();
    std::uint64_t first = 0;
    for (int i = 0; i < GatewayEngine::kMaxPending; ++i) {
        gateway.say(5, mute);
        REQUIRE(gateway.out.to_service.size() == 1);
        if (first == 0) first = gateway.to(proto::SIGNALING).request_id();
    }
    gateway.say(5, mute);
    CHECK(gateway.told(5).error().code() == proto::RATE_LIMITED);
    CHECK(gateway.out.to_service.empty());

    proto::ToGateway answer;
    answer.set_request_id(first);
    answer.mutable_answer();
    gateway.from(proto::SIGNALING, answer);
    gateway.say(5, mute);
    CHECK(gateway.out.to_service.size() == 1);
}

TEST_CASE("a client that says nothing is dropped within three keepalives") {
    Gateway gateway;
    gateway.greet(5);
    gateway.greet(6);
    gateway.wait(10s);
    CHECK(gateway.out.drops.empty());
    auto ping = Gateway::request(8);
    ping.mutable_ping();
    gateway.say(6, ping);
    CHECK(gateway.engine.deadline() <= gateway.now + GatewayEngine::kSweepPeriod);
    gateway.wait(4s);
    CHECK(gateway.out.drops.empty());
    gateway.wait(1s);
    CHECK(gateway.out.drops == std::vector{ConnectionId{5}});
}

TEST_CASE("an idle gateway never wakes") {
    Gateway gateway;
    CHECK(gateway.engine.deadline() == kNever);
    gateway.greet(5);
    CHECK(gateway.engine.deadline() < kNever);
    gateway.close(5);
    gateway.wait(1s);
    CHECK(gateway.engine.deadline() == kNever);
}

}  // namespace
}  // namespace connectsphere::gateway
