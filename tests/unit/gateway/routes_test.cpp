// The schema routes: what proto/client.proto says of each arm is what the gateway does.
#include "services/gateway/routes.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace connectsphere::gateway {
namespace {

// A message that has this arm and nothing else.
proto::ClientMessage with(const google::protobuf::FieldDescriptor& arm) {
    proto::ClientMessage message;
    message.GetReflection()->MutableMessage(&message, &arm);
    return message;
}

const google::protobuf::FieldDescriptor& arm(const std::string& name) {
    const auto* field = proto::ClientMessage::descriptor()->FindFieldByName(name);
    REQUIRE(field != nullptr);
    return *field;
}

TEST_CASE("every arm of ClientMessage has a service that handles it") {
    const Routes routes;
    const auto* arms = proto::ClientMessage::descriptor()->FindOneofByName("arm");
    REQUIRE(arms->field_count() > 0);
    for (int i = 0; i < arms->field_count(); ++i) {
        INFO(arms->field(i)->name());
        const auto route = routes.find(with(*arms->field(i)));
        REQUIRE(route);
        CHECK(proto::Service_IsValid(route->service));
        CHECK(route->service != proto::SERVICE_UNSPECIFIED);
    }
}

TEST_CASE("routes are what the schema's options say") {
    struct Row {
        const char* arm;
        proto::Service service;
        bool before_joining;
        bool unlimited;
    };
    const Row rows[] = {
        {"hello", proto::GATEWAY, true, false},
        {"ping", proto::GATEWAY, true, true},
        {"join", proto::SIGNALING, true, false},
        {"leave", proto::SIGNALING, false, true},
        {"send_chat", proto::SIGNALING, false, false},
        {"react", proto::SIGNALING, false, false},
        {"set_media_state", proto::SIGNALING, false, true},
        {"publish", proto::SIGNALING, false, false},
        {"open_screen", proto::SCREEN_BROKER, false, false},
        {"open_files", proto::FILE_STORE, false, false},
    };
    const Routes routes;
    for (const auto& row : rows) {
        INFO(row.arm);
        const auto route = routes.find(with(arm(row.arm)));
        REQUIRE(route);
        CHECK(route->service == row.service);
        CHECK(route->before_joining == row.before_joining);
        CHECK(route->unlimited == row.unlimited);
    }
}

TEST_CASE("before joining one may greet, join, keep alive and ask what is there") {
    const Routes routes;
    const auto* arms = proto::ClientMessage::descriptor()->FindOneofByName("arm");
    for (int i = 0; i < arms->field_count(); ++i) {
        const std::string name = arms->field(i)->name();
        INFO(name);
        static const std::set<std::string> kAllowed{"hello",    "ping",       "join",
                                                    "get_room", "list_rooms", "get_history"};
        const bool allowed = kAllowed.contains(name);
        CHECK(routes.find(with(*arms->field(i)))->before_joining == allowed);
    }
}

TEST_CASE("a message without an arm that we know has no route") {
    const Routes routes;
    proto::ClientMessage message;
    CHECK_FALSE(routes.find(message));
    message.set_request_id(7);
    CHECK_FALSE(routes.find(message));

    // An arm of a later version: field 1000, an empty message.
    REQUIRE(message.ParseFromString("\x08\x07\xc2\x3e" + std::string(1, '\0')));
    CHECK(message.request_id() == 7);
    CHECK_FALSE(routes.find(message));
}

}  // namespace
}  // namespace connectsphere::gateway
