// Between clients and services: requests and their answers, admission, events, keys.
#include "tests/unit/gateway/support.hpp"

namespace connectsphere::gateway {
namespace {

proto::ToGateway answer(std::uint64_t request, std::uint64_t client_request) {
    proto::ServerMessage done;
    done.set_request_id(client_request);
    done.mutable_done();
    proto::ToGateway message;
    message.set_request_id(request);
    message.mutable_answer()->set_server_message(done.SerializeAsString());
    return message;
}

proto::ToGateway deliver(std::initializer_list<std::uint64_t> sessions) {
    proto::ServerMessage event;
    event.mutable_chat_message()->set_text("hi");
    proto::ToGateway message;
    for (const auto session : sessions) message.mutable_deliver()->add_session_ids(session);
    message.mutable_deliver()->set_server_message(event.SerializeAsString());
    return message;
}

proto::ToGateway dismiss(std::uint64_t session) {
    proto::ToGateway message;
    message.mutable_dismiss()->set_session_id(session);
    return message;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> live(const Gateway& gateway) {
    proto::GatewayHello hello;
    gateway.engine.fill_gateway_hello(proto::SIGNALING, hello);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    for (const auto& one : hello.connections()) out.emplace_back(one.connection_id(), one.session_id());
    return out;
}

using Live = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// ---- requests

TEST_CASE("a request reaches its service as it came, with who asks") {
    Gateway gateway;
    gateway.join_as(5, 50);
    const auto chat = Gateway::chat(9);
    gateway.say(5, chat);
    REQUIRE(gateway.out.to_service.size() == 1);
    const auto& request = gateway.to(proto::SIGNALING);
    CHECK(request.request_id() != 0);
    CHECK(request.client_request().connection_id() == 5);
    CHECK(request.client_request().session_id() == 50);
    CHECK(request.client_request().peer_ip() == "192.0.2.1");
    CHECK(request.client_request().client_message() == chat.SerializeAsString());

    gateway.from(proto::SIGNALING, answer(request.request_id(), 9));
    CHECK(gateway.told(5).request_id() == 9);
    CHECK(gateway.told(5).has_done());
}

TEST_CASE("requests go to the services that the schema names") {
    Gateway gateway;
    gateway.join_as(5, 50);
    auto screen = Gateway::request(9);
    screen.mutable_open_screen();
    gateway.say(5, screen);
    CHECK(gateway.to(proto::SCREEN_BROKER).has_client_request());
    auto files = Gateway::request(10);
    files.mutable_open_files();
    gateway.say(5, files);
    CHECK(gateway.to(proto::FILE_STORE).has_client_request());
}

TEST_CASE("a request that no service answers in time is answered with its own number") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.say(5, Gateway::chat(9));
    const auto first = gateway.to(proto::SIGNALING).request_id();
    gateway.now += 1s;
    gateway.say(5, Gateway::chat(10));
    CHECK(gateway.engine.deadline() <= gateway.now + 1s);
    gateway.wait(1s);
    CHECK(gateway.told(5).request_id() == 9);
    CHECK(gateway.told(5).error().code() == proto::UNAVAILABLE);
    CHECK(gateway.told(5).error().text() == "the signaling service is away for a moment; try again");
    gateway.from(proto::SIGNALING, answer(first, 9));
    CHECK(gateway.is_silent());  // too late: the client was answered
    gateway.wait(1s);
    CHECK(gateway.told(5).request_id() == 10);
}

TEST_CASE("a request that could not be sent is refused at once") {
    Gateway gateway;
    gateway.join_as(5, 50);
    auto screen = Gateway::request(9);
    screen.mutable_open_screen();
    gateway.say(5, screen);
    const auto unsent = gateway.to(proto::SCREEN_BROKER);
    gateway.unsent(proto::SCREEN_BROKER, unsent);
    CHECK(gateway.told(5).request_id() == 9);
    CHECK(gateway.told(5).error().code() == proto::UNAVAILABLE);
    CHECK(gateway.told(5).error().text() == "the screen-broker service is away for a moment; try again");
    gateway.wait(5s);
    CHECK(gateway.out.frames.empty());  // once
}

TEST_CASE("answers to who is gone are dropped") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.say(5, Gateway::chat(9));
    const auto request = gateway.to(proto::SIGNALING).request_id();
    gateway.close(5);
    SECTION("answered") { gateway.from(proto::SIGNALING, answer(request, 9)); }
    SECTION("timed out") { gateway.wait(2s); }
    CHECK(gateway.out.frames.empty());
}

// ---- admission

TEST_CASE("an admitted connection is trusted and told so") {
    Gateway gateway;
    gateway.greet(5);
    gateway.say(5, Gateway::join(2));
    gateway.admit(gateway.to(proto::SIGNALING).request_id(), 5, 50);
    CHECK(gateway.told(5).joined().session_id() == 50);
    CHECK(gateway.out.trusted == std::vector<ConnectionId>{{5}});
    CHECK(live(gateway) == Live{{5, 50}});
    gateway.say(5, Gateway::join(3));
    CHECK(gateway.told(5).error().code() == proto::ALREADY_JOINED);
}

TEST_CASE("a session that returns moves to the new connection and the old one is closed") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.join_as(6, 50);
    CHECK(gateway.told(6).has_joined());
    CHECK(gateway.out.closes == std::vector<ConnectionId>{{5}});
    gateway.say(5, Gateway::chat(9));
    CHECK(gateway.told(5).error().code() == proto::NOT_JOINED);
    gateway.close(5);
    CHECK(gateway.is_silent());  // the session is not lost
    gateway.from(proto::SIGNALING, deliver({50}));
    CHECK(gateway.told(6).has_chat_message());
}

TEST_CASE("a lost connection is reported with its session") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.close(5);
    REQUIRE(gateway.out.to_service.size() == 1);
    const auto& lost = gateway.to(proto::SIGNALING).connection_lost();
    CHECK(lost.connection_id() == 5);
    CHECK(lost.session_id() == 50);
    CHECK(live(gateway).empty());
}

TEST_CASE("a connection that is lost between Join and Admit is reported when it is admitted") {
    Gateway gateway;
    gateway.greet(5);
    gateway.say(5, Gateway::join(2));
    const auto request = gateway.to(proto::SIGNALING).request_id();
    gateway.close(5);
    CHECK(gateway.is_silent());
    gateway.admit(request, 5, 50);
    CHECK(gateway.out.frames.empty());
    CHECK(gateway.to(proto::SIGNALING).connection_lost().connection_id() == 5);
    CHECK(gateway.to(proto::SIGNALING).connection_lost().session_id() == 50);
    CHECK(live(gateway).empty());
}

TEST_CASE("of two joins sent at once on a connection the first admitted counts") {
    Gateway gateway;
    gateway.greet(5);
    gateway.say(5, Gateway::join(2));
    const auto first = gateway.to(proto::SIGNALING).request_id();
    gateway.say(5, Gateway::join(3));
    const auto second = gateway.to(proto::SIGNALING).request_id();
    gateway.admit(first, 5, 50);
    gateway.admit(second, 5, 51);
    CHECK(gateway.told(5).request_id() == 3);
    CHECK(gateway.told(5).error().code() == proto::ALREADY_JOINED);
    CHECK(gateway.to(proto::SIGNALING).connection_lost().session_id() == 51);
    CHECK(live(gateway) == Live{{5, 50}});

    // Nothing of either is left when the connection goes, so that either may return.
    gateway.close(5);
    CHECK(gateway.to(proto::SIGNALING).connection_lost().session_id() == 50);
    CHECK(live(gateway).empty());
    gateway.join_as(6, 50);
    gateway.join_as(7, 51);
    CHECK(live(gateway).size() == 2);
}

TEST_CASE("signaling alone is told who is connected") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.greet(6);
    CHECK(live(gateway) == Live{{5, 50}});
    proto::GatewayHello hello;
    gateway.engine.fill_gateway_hello(proto::AUDIO_MIXER, hello);
    CHECK(hello.connections().empty());
}

// ---- events

TEST_CASE("an event reaches the named sessions only, as one shared frame") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.join_as(6, 60);
    gateway.join_as(7, 70);
    gateway.from(proto::SIGNALING, deliver({50, 70, 99}));
    REQUIRE(gateway.out.frames.size() == 1);
    CHECK(gateway.out.frames[0].to == std::vector<ConnectionId>{{5}, {7}});
    CHECK(Gateway::message_in(gateway.out.frames[0]).chat_message().text() == "hi");
    gateway.from(proto::SIGNALING, deliver({99}));
    CHECK(gateway.is_silent());
}

TEST_CASE("a dismissed session is closed and its keys are revoked on both planes") {
    Gateway gateway;
    gateway.join_as(5, 50);
    gateway.from(proto::SIGNALING, dismiss(50));
    CHECK(gateway.out.closes == std::vector<ConnectionId>{{5}});
    CHECK(gateway.to(proto::AUDIO_MIXER).revoke_keys().session_id() == 50);
    CHECK(gateway.to(proto::VIDEO_RELAY).revoke_keys().session_id() == 50);
    CHECK(live(gateway).empty());
    gateway.close(5);
    CHECK(gateway.is_silent());  // signaling knows
}

TEST_CASE("a dismissed session that is not connected still loses its keys") {
    Gateway gateway;
    gateway.from(proto::SIGNALING, dismiss(50));
    CHECK(gateway.out.closes.empty());
    CHECK(gateway.to(proto::AUDIO_MIXER).revoke_keys().session_id() == 50);
}

// ---- keys

TEST_CASE("W3: keys go to the service first, then to the client with the port of the plane") {
    struct Row {
        proto::Service service;
        proto::Plane plane;
        std::uint32_t port;
    };
    for (const auto& row : {Row{proto::AUDIO_MIXER, proto::PLANE_AUDIO, 11000},
                            Row{proto::VIDEO_RELAY, proto::PLANE_VIDEO, 10000}}) {
        Gateway gateway;
        gateway.service_up(row.service);
        gateway.join_as(5, 50);
        REQUIRE(gateway.out.to_service.size() == 1);
        const auto granted = gateway.to(row.service);
        const auto& grant = granted.grant_keys();
        CHECK(grant.session_id() == 50);
        CHECK(grant.epoch() == 1);
        CHECK(gateway.out.frames.size() == 1);  // Joined, and no keys yet

        gateway.done(row.service, granted.request_id());
        const auto keys = gateway.told(5).media_keys();
        CHECK(gateway.told(5).request_id() == 0);
        CHECK(keys.plane() == row.plane);
        CHECK(keys.port() == row.port);
        CHECK(keys.epoch() == 1);
        CHECK(keys.to_server().key() == grant.from_client().key());
        CHECK(keys.to_client().salt() == grant.to_client().salt());
        CHECK(keys.to_server().key() != keys.to_client().key());

        gateway.done(row.service, granted.request_id());
        CHECK(gateway.is_silent());  // told once
    }
}

TEST_CASE("a service that restarts is granted new keys for everybody who is connected") {
    Gateway gateway;
    gateway.service_up(proto::AUDIO_MIXER);
    gateway.join_as(5, 50);
    gateway.done(proto::AUDIO_MIXER, gateway.to(proto::AUDIO_MIXER).request_id());
    gateway.join_as(6, 60);
    gateway.done(proto::AUDIO_MIXER, gateway.to(proto::AUDIO_MIXER).request_id());
    gateway.close(6);
    gateway.service_up(proto::AUDIO_MIXER, {held(proto::PLANE_AUDIO, 1, 50)});
    CHECK(gateway.out.to_service.empty());  // it kept all that counts
    gateway.service_up(proto::AUDIO_MIXER);
    REQUIRE(gateway.out.to_service.size() == 1);
    CHECK(gateway.to(proto::AUDIO_MIXER).grant_keys().session_id() == 50);
    CHECK(gateway.to(proto::AUDIO_MIXER).grant_keys().epoch() == 2);
}

TEST_CASE("a plane whose keys of a session are used up gets new ones, and the client is told") {
    Gateway gateway;
    gateway.service_up(proto::AUDIO_MIXER);
    gateway.join_as(5, 50);
    gateway.done(proto::AUDIO_MIXER, gateway.to(proto::AUDIO_MIXER).request_id());
    proto::ToGateway message;
    message.mutable_renew_keys()->set_session_id(50);
    message.mutable_renew_keys()->set_epoch(1);
    for (const auto stranger : {proto::SIGNALING, proto::VIDEO_RELAY}) {
        gateway.from(stranger, message);
        CHECK(gateway.out.to_service.empty());  // keys of a plane are its own service's business
    }
    gateway.from(proto::AUDIO_MIXER, message);
    REQUIRE(gateway.out.to_service.size() == 1);
    CHECK(gateway.to(proto::AUDIO_MIXER).grant_keys().epoch() == 2);
    gateway.done(proto::AUDIO_MIXER, gateway.to(proto::AUDIO_MIXER).request_id());
    CHECK(gateway.told(5).media_keys().epoch() == 2);
}

TEST_CASE("a restarted gateway changes no keys that both ends hold") {
    Gateway gateway;
    gateway.service_up(proto::AUDIO_MIXER, {held(proto::PLANE_AUDIO, 4, 50)});
    gateway.greet(5);
    gateway.say(5, Gateway::join(2));
    gateway.admit(gateway.to(proto::SIGNALING).request_id(), 5, 50, {held(proto::PLANE_AUDIO, 4)});
    CHECK(gateway.out.to_service.empty());
    gateway.wait(10s);
    CHECK(gateway.out.to_service.empty());
}

TEST_CASE("a grant that could not be sent is repeated") {
    Gateway gateway;
    gateway.service_up(proto::AUDIO_MIXER);
    gateway.join_as(5, 50);
    const auto lost = gateway.to(proto::AUDIO_MIXER);
    gateway.unsent(proto::AUDIO_MIXER, lost);
    CHECK(gateway.is_silent());
    CHECK(gateway.engine.deadline() <= gateway.now + KeyEpochs::kGrantTimeout);
    gateway.wait(KeyEpochs::kGrantTimeout);
    const auto again = gateway.to(proto::AUDIO_MIXER);
    CHECK(again.grant_keys().epoch() == 2);
    gateway.done(proto::AUDIO_MIXER, again.request_id());
    CHECK(gateway.told(5).media_keys().epoch() == 2);
}

}  // namespace
}  // namespace connectsphere::gateway
