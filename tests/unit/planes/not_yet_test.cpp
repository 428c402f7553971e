// The planes whose feature is not there yet refuse at once, in words, on both ways to them.
#include <catch2/catch.hpp>

#include "proto/client.pb.h"
#include "services/screen-broker/broker_engine.hpp"

namespace connectsphere {
namespace {

proto::ToService request(const proto::ClientMessage& message) {
    proto::ToService out;
    out.set_request_id(5);
    out.mutable_client_request()->set_connection_id(3);
    out.mutable_client_request()->set_client_message(message.SerializeAsString());
    return out;
}

proto::ServerMessage answered(const Outbox& out) {
    REQUIRE(out.to_gateway.size() == 1);
    CHECK(out.to_gateway[0].request_id() == 5);
    proto::ServerMessage message;
    REQUIRE(message.ParseFromString(out.to_gateway[0].answer().server_message()));
    return message;
}

template <class Engine>
void check_plane(const proto::ClientMessage& open, const char* text) {
    Engine engine{EngineContext{}};

    SECTION("asked through the gateway") {
        Outbox out;
        engine.on_ctl(request(open), Time{}, out);
        const auto message = answered(out);
        CHECK(message.request_id() == open.request_id());
        CHECK(message.error().code() == proto::NOT_AVAILABLE_YET);
        CHECK(message.error().text() == text);
    }
    SECTION("asked something else") {
        Outbox out;
        proto::ClientMessage other;
        other.set_request_id(8);
        other.mutable_get_room();
        engine.on_ctl(request(other), Time{}, out);
        CHECK(answered(out).error().code() == proto::BAD_REQUEST);
    }
    SECTION("asked in bytes that are no message") {
        Outbox out;
        auto broken = request(open);
        broken.mutable_client_request()->set_client_message("\xff\xff");
        engine.on_ctl(broken, Time{}, out);
        CHECK(answered(out).request_id() == 0);
    }
    SECTION("what is no request gets no answer") {
        Outbox out;
        proto::ToService lost;
        lost.mutable_connection_lost()->set_connection_id(3);
        engine.on_ctl(lost, Time{}, out);
        CHECK(out.to_gateway.empty());
    }
    SECTION("on the plane's own port the answer is the last frame") {
        for (const std::string& bytes : {open.SerializeAsString(), std::string("\xff\xff")}) {
            Outbox out;
            engine.on_frame(ConnectionId{4}, {.message = as_bytes(bytes), .data = {}}, Time{}, out);
            REQUIRE(out.frames.size() == 1);
            CHECK(out.frames[0].to == std::vector<ConnectionId>{{4}});
            CHECK(out.closes == std::vector<ConnectionId>{{4}});

            wire::FrameParser parser(1024);
            REQUIRE(parser.append(*out.frames[0].frame));
            const auto frame = parser.next();
            REQUIRE(frame);
            REQUIRE(*frame);
            proto::ServerMessage message;
            REQUIRE(message.ParseFromString(std::string(as_text((*frame)->message))));
            CHECK(message.request_id() == (bytes == "\xff\xff" ? 0 : open.request_id()));
            CHECK(message.error().code() == proto::NOT_AVAILABLE_YET);
            CHECK(message.error().text() == text);
        }
    }
    SECTION("it counts refusals") {
        Outbox out;
        engine.on_ctl(request(open), Time{}, out);
        proto::Beat beat;
        engine.fill_beat(beat);
        double refused = 0;
        for (const auto& metric : beat.metrics())
            if (metric.name() == "refused_requests_total") refused = metric.value();
        CHECK(refused == 1);
    }
}

TEST_CASE("the screen broker says that screen sharing is not available yet") {
    proto::ClientMessage open;
    open.set_request_id(41);
    open.mutable_open_screen();
    check_plane<screen_broker::BrokerEngine>(open, "Screen sharing is not available on this server yet.");
}

}  // namespace
}  // namespace connectsphere
