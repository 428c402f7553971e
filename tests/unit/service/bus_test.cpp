#include "services/common/bus.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "tests/unit/service/support.hpp"

using namespace connectsphere;
using test::run_until;

namespace {

constexpr std::uint64_t kMany = 20'000;

proto::ToService to_service(std::uint64_t id) {
    proto::ToService message;
    message.set_request_id(id);
    message.mutable_client_request()->set_client_message(std::string(200, 'x'));
    return message;
}

proto::ToGateway to_gateway(std::uint64_t id) {
    proto::ToGateway message;
    message.set_request_id(id);
    message.mutable_done();
    return message;
}

}  // namespace

TEST_CASE("ctl carries 20,000 messages each way in order, with sends between the reads") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus gateway_bus(loop, dir.path());
    Bus service_bus(loop, dir.path());
    std::uint64_t up = 0, down = 0, up_sent = 0, down_sent = 0;
    bool ordered = true;
    std::unique_ptr<CtlClient> client;
    std::unique_ptr<CtlServer> server;
    server = std::make_unique<CtlServer>(service_bus, proto::SIGNALING, [&](const proto::ToService& message) {
        ordered = ordered && message.request_id() == ++up;
        if (down_sent < kMany && server->send(to_gateway(down_sent + 1))) ++down_sent;
    });
    client = std::make_unique<CtlClient>(gateway_bus, proto::SIGNALING, [&](const proto::ToGateway& message) {
        ordered = ordered && message.request_id() == ++down;
        if (up_sent < kMany && client->send(to_service(up_sent + 1))) ++up_sent;
    });
    net::Timer kick;  // sends outside of the hook, which eat the edges of ZMQ_FD
    kick = loop.at(net::now(), [&] {
        for (int i = 0; i < 50 && up_sent < kMany && client->send(to_service(up_sent + 1)); ++i) ++up_sent;
        for (int i = 0; i < 50 && down_sent < kMany && server->send(to_gateway(down_sent + 1)); ++i)
            ++down_sent;
        if (up_sent < kMany || down_sent < kMany) kick.set(net::now() + 1ms);
    });
    CHECK(run_until(
        loop, [&] { return up == kMany && down == kMany; }, 30s));
    CHECK(up == kMany);
    CHECK(down == kMany);
    CHECK(ordered);
}

TEST_CASE("ctl refuses at once what nobody would take") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus bus(loop, dir.path());
    CtlClient client(bus, proto::SIGNALING, [](const auto&) {});
    CHECK_FALSE(client.send(to_service(1)));
    CtlServer server(bus, proto::AUDIO_MIXER, [](const auto&) {});
    CHECK_FALSE(server.send(to_gateway(1)));
}

TEST_CASE("a restarted service gets nothing that was meant for its predecessor") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus bus(loop, dir.path());
    CtlClient client(bus, proto::SIGNALING, [](const auto&) {});
    std::vector<std::uint64_t> seen;
    const auto collect = [&](const proto::ToService& message) { seen.push_back(message.request_id()); };
    {
        CtlServer first(bus, proto::SIGNALING, collect);
        REQUIRE(run_until(loop, [&] { return client.send(to_service(1)); }));
        REQUIRE(run_until(loop, [&] { return !seen.empty(); }));
    }
    REQUIRE(run_until(loop, [&] { return !client.send(to_service(2)); }));
    seen.clear();
    CtlServer second(bus, proto::SIGNALING, collect);  // its socket's path is still there
    REQUIRE(run_until(loop, [&] { return client.send(to_service(3)); }));
    REQUIRE(run_until(loop, [&] { return !seen.empty(); }));
    CHECK(seen.front() == 3);
}

TEST_CASE("a restarted gateway takes over the link of its predecessor") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus bus(loop, dir.path());
    CtlServer server(bus, proto::SIGNALING, [](const auto&) {});
    int got = 0;
    auto gateway = std::make_unique<CtlClient>(bus, proto::SIGNALING, [](const auto&) {});
    REQUIRE(run_until(loop, [&] { return server.send(to_gateway(1)); }));
    gateway = std::make_unique<CtlClient>(bus, proto::SIGNALING, [&](const auto&) { ++got; });
    CHECK(run_until(loop, [&] {
        (void)server.send(to_gateway(2));
        return got > 0;
    }));
}

TEST_CASE("every subscription to state is answered, also after the owner restarted") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus bus(loop, dir.path());
    int asked = 0, received = 0;
    std::unique_ptr<StatePublisher> owner;
    const auto publish = [&] {
        ++asked;
        proto::StateMessage message;
        message.mutable_index();
        owner->publish(message);
    };
    owner = std::make_unique<StatePublisher>(bus, proto::SIGNALING, publish);
    const auto count = [&](const auto&) { ++received; };
    StateSubscriber first(bus, proto::SIGNALING, count);
    REQUIRE(run_until(loop, [&] { return received == 1; }));
    {
        StateSubscriber second(bus, proto::SIGNALING, count);
        REQUIRE(run_until(loop, [&] { return asked == 2 && received == 3; }));
    }
    owner.reset();
    owner = std::make_unique<StatePublisher>(bus, proto::SIGNALING, publish);
    CHECK(run_until(loop, [&] { return asked == 3 && received == 4; }));
    CHECK(owner->dropped() == 0);
}

TEST_CASE("beats reach status, and vanish without it") {
    const test::TemporaryDir dir;
    net::Loop loop;
    Bus bus(loop, dir.path());
    BeatSender sender(bus);
    proto::Beat beat;
    beat.set_pid(42);
    sender.send(beat);
    std::uint32_t pid = 0;
    BeatReceiver receiver(bus, [&](const proto::Beat& got) { pid = got.pid(); });
    CHECK(run_until(loop, [&] {
        sender.send(beat);
        return pid == 42;
    }));
}
