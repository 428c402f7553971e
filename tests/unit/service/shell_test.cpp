#include "services/common/shell.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "lib/net/socket.hpp"
#include "tests/unit/service/support.hpp"

using namespace connectsphere;
using test::run_until;

namespace {

// Asks signaling on every frame, and passes on what it answers; "away" where it can not.
struct ToyGateway {
    void on_open(ConnectionId, const Address&, Time, Outbox&) { ++connections; }
    void on_close(ConnectionId, Time, Outbox&) { --connections; }
    void on_frame(ConnectionId id, wire::FrameView frame, Time, Outbox& out) {
        proto::ToService ask;
        ask.set_request_id(id.value);
        ask.mutable_client_request()->set_client_message(std::string(as_text(frame.message)));
        out.to_service.push_back({proto::SIGNALING, ask});
    }
    void on_service(proto::Service from, const proto::ToGateway& message, Time, Outbox& out) {
        if (message.has_hello()) hellos.push_back(from);
        if (message.has_answer()) say(message.request_id(), message.answer().server_message(), out);
    }
    void on_unsent(proto::Service, const proto::ToService& message, Time, Outbox& out) {
        say(message.request_id(), "away", out);
    }
    void fill_gateway_hello(proto::Service service, proto::GatewayHello& hello) {
        if (service == proto::SIGNALING) hello.add_connections()->set_connection_id(7);
    }
    void say(std::uint64_t connection, const std::string& text, Outbox& out) {
        auto frame = std::make_shared<Buffer>();
        wire::append_frame(*frame, as_bytes(text));
        out.frames.push_back({{ConnectionId{connection}}, frame});
    }

    int connections = 0;
    std::vector<proto::Service> hellos;
};

struct ToySignaling {
    void on_ctl(const proto::ToService& message, Time, Outbox& out) {
        if (message.has_hello()) live = message.hello().connections_size();
        if (!message.has_client_request()) return;
        proto::ToGateway answer;
        answer.set_request_id(message.request_id());
        answer.mutable_answer()->set_server_message("re: " + message.client_request().client_message());
        out.to_gateway.push_back(answer);
    }
    void on_subscriber(Time, Outbox& out) {
        proto::StateMessage room;
        room.set_version(++version);
        room.mutable_room()->set_room_id(10);
        out.state.push_back(room);
    }

    int live = 0;
    std::uint64_t version = 0;
};

// Echoes datagrams, and ticks every 20 ms on an absolute schedule.
struct ToyRelay {
    void on_state(const proto::StateMessage& message, Time, Outbox&) { room = message.room().room_id(); }
    void on_datagrams(std::span<Datagram> datagrams, Time, Outbox& out) {
        ++batches;
        for (const auto& datagram : datagrams) {
            const auto room_for = out.datagrams.claim(datagram.payload.size());
            std::copy(datagram.payload.begin(), datagram.payload.end(), room_for.begin());
            out.datagrams.commit(datagram.route, datagram.payload.size());
        }
    }
    void on_time(Time now, Outbox&) {
        if (next == Time{}) next = now;
        ++ticks;
        next += 20ms;
    }
    Time deadline() const { return next; }
    void fill_hello(proto::ServiceHello& hello) { hello.add_held_epochs()->set_epoch(3); }

    std::uint64_t room = 0;
    int batches = 0;
    int ticks = 0;
    Time next{};
};

struct ToyStatus {
    void on_beat(const proto::Beat& beat, Time) { beats[beat.service()] = beat; }
    std::map<proto::Service, proto::Beat> beats;
};

struct Server {
    Server() {
        config.run_dir = dir.path();
        config.state_dir = dir.path() / "state";
        config.server_name = "test";
        for (auto* address : {&config.listen.control, &config.listen.screen, &config.listen.files,
                              &config.listen.video, &config.listen.audio})
            *address = *parse_address("127.0.0.1", 0);
    }

    template <class Engine>
    std::unique_ptr<Shell> start(proto::Service service, std::shared_ptr<Engine> engine,
                                 Duration gather = {}) {
        auto& spec = specs.emplace_back();
        spec.service = service;
        spec.gather = gather;
        spec.make = [engine](const EngineContext&) { return hooks_of(engine); };
        return std::make_unique<Shell>(loop, spec, config);
    }

    test::TemporaryDir dir;
    net::Loop loop;
    Config config;
    std::list<ServiceSpec> specs;  // a shell refers to its own
    std::shared_ptr<ToyGateway> gateway_engine = std::make_shared<ToyGateway>();
    std::shared_ptr<ToySignaling> signaling_engine = std::make_shared<ToySignaling>();
    std::shared_ptr<ToyRelay> relay_engine = std::make_shared<ToyRelay>();
};

struct Client {
    Client(Server& server, std::uint16_t port)
        : tls(server.loop, context, net::connect_tcp(*parse_address("127.0.0.1", port)).value(),
              *parse_address("127.0.0.1", port),
              {.on_open = [] {},
               .on_bytes =
                   [this](Bytes bytes) {
                       REQUIRE(parser.append(bytes));
                       while (const auto frame = parser.next().value())
                           received.emplace_back(as_text(frame->message));
                   },
               .on_close = [](const Error&) {}}) {}
    void say(std::string_view text) {
        Buffer frame;
        wire::append_frame(frame, as_bytes(text));
        REQUIRE(tls.send(frame));
    }

    net::TlsContext context = net::TlsContext::client().value();
    wire::FrameParser parser{1 << 16};
    std::vector<std::string> received;
    net::TlsConnection tls;
};

}  // namespace

TEST_CASE("a request goes through gateway and signaling and back, in any order of starting") {
    Server s;
    const bool gateway_first = GENERATE(true, false);
    std::unique_ptr<Shell> gateway, signaling;
    if (gateway_first) gateway = s.start(proto::GATEWAY, s.gateway_engine);
    signaling = s.start(proto::SIGNALING, s.signaling_engine);
    test::run_for(s.loop, 60ms);
    if (!gateway_first) gateway = s.start(proto::GATEWAY, s.gateway_engine);
    REQUIRE(run_until(s.loop, [&] { return s.gateway_engine->hellos.size() == 1; }));
    CHECK(s.signaling_engine->live == 1);

    Client client(s, gateway->context().ports.control);
    client.say("ping");
    CHECK(run_until(s.loop, [&] { return client.received == std::vector<std::string>{"re: ping"}; }));
}

TEST_CASE("what an absent service can not be asked comes back to the engine") {
    Server s;
    const auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    Client client(s, gateway->context().ports.control);
    client.say("ping");
    CHECK(run_until(s.loop, [&] { return client.received == std::vector<std::string>{"away"}; }));
}

TEST_CASE("a restarted service is back within a second, and the connections stay") {
    Server s;
    const auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    auto signaling = s.start(proto::SIGNALING, s.signaling_engine);
    Client client(s, gateway->context().ports.control);
    REQUIRE(run_until(s.loop, [&] { return s.gateway_engine->hellos.size() == 1; }));
    signaling.reset();
    signaling = s.start(proto::SIGNALING, s.signaling_engine);
    REQUIRE(run_until(
        s.loop, [&] { return s.gateway_engine->hellos.size() == 2; }, 1s));
    client.say("ping");
    CHECK(run_until(s.loop, [&] { return client.received == std::vector<std::string>{"re: ping"}; }));
}

TEST_CASE("a plane goes on while the gateway restarts") {
    Server s;
    auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    const auto ports = gateway->context().ports;
    s.config.listen.video.port = ports.video;
    const auto relay = s.start(proto::VIDEO_RELAY, s.relay_engine);
    REQUIRE(run_until(s.loop, [&] { return relay->is_ready() && s.gateway_engine->hellos.size() == 1; }));

    net::UdpSocket client(net::bind_udp(*parse_address("127.0.0.1", 0)).value());
    std::size_t echoes = 0;
    const auto echoed = [&] {
        const std::size_t before = echoes;
        client.send({.peer = *parse_address("127.0.0.1", ports.video), .local = {}}, as_bytes("media"));
        return run_until(
            s.loop, [&] { return (echoes += client.receive(net::now()).size()) > before; }, 1s);
    };
    CHECK(echoed());
    gateway.reset();
    CHECK(echoed());
    gateway = s.start(proto::GATEWAY, s.gateway_engine);
    CHECK(gateway->context().ports.video == ports.video);
    CHECK(run_until(
        s.loop, [&] { return s.gateway_engine->hellos.size() == 2; }, 1s));
    CHECK(echoed());
}

TEST_CASE("datagrams that come close together are taken together, one that comes alone at once") {
    Server s;
    const auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    const auto relay = s.start(proto::VIDEO_RELAY, s.relay_engine, 2s);
    REQUIRE(run_until(s.loop, [&] { return relay->is_ready(); }));
    s.relay_engine->next = net::now() + 1h;  // or it would look before the 2 s are over
    const auto ports = gateway->context().ports;
    net::UdpSocket client(*net::bind_udp(*parse_address("127.0.0.1", 0)));
    std::size_t echoes = 0;
    const auto send = [&] {
        client.send({.peer = *parse_address("127.0.0.1", ports.video), .local = {}}, as_bytes("media"));
        test::run_for(s.loop, 1ms);
    };
    const auto come = [&](std::size_t count, Duration within) {
        return run_until(
            s.loop, [&] { return (echoes += client.receive(net::now()).size()) >= count; }, within);
    };
    send();
    CHECK(come(1, 1s));
    for (int i = 0; i < 20; ++i) send();
    CHECK(come(21, 10s));
    CHECK(s.relay_engine->batches < 10);
}

TEST_CASE("state reaches a subscriber that starts late") {
    Server s;
    const auto signaling = s.start(proto::SIGNALING, s.signaling_engine);
    test::run_for(s.loop, 20ms);
    const auto relay = s.start(proto::VIDEO_RELAY, s.relay_engine);
    CHECK(run_until(s.loop, [&] { return s.relay_engine->room == 10; }));
}

TEST_CASE("an engine is called when its deadline has come") {
    Server s;
    const auto relay = s.start(proto::VIDEO_RELAY, s.relay_engine);
    CHECK(run_until(
        s.loop, [&] { return s.relay_engine->ticks >= 5; }, 2s));
}

TEST_CASE("status hears every service, and why one is not ready") {
    Server s;
    const auto engine = std::make_shared<ToyStatus>();
    const auto status = s.start(proto::STATUS, engine);
    const auto relay = s.start(proto::VIDEO_RELAY, s.relay_engine);
    const auto signaling = s.start(proto::SIGNALING, s.signaling_engine);
    REQUIRE(run_until(s.loop, [&] { return engine->beats.size() == 3; }));
    CHECK(engine->beats[proto::SIGNALING].ready());
    CHECK_FALSE(engine->beats[proto::VIDEO_RELAY].ready());
    CHECK_FALSE(engine->beats[proto::VIDEO_RELAY].reason().empty());
    CHECK(engine->beats[proto::SIGNALING].metrics_size() >= 2);
}

TEST_CASE("a restarted gateway keeps its certificate") {
    Server s;
    auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    const auto fingerprint_after_handshake = [&] {
        Client client(s, gateway->context().ports.control);
        run_until(s.loop, [&] { return client.tls.is_open(); });
        return client.tls.peer_fingerprint();
    };
    const auto first = fingerprint_after_handshake();
    gateway.reset();
    gateway = s.start(proto::GATEWAY, s.gateway_engine);
    CHECK_FALSE(first.empty());
    CHECK(fingerprint_after_handshake() == first);
}

TEST_CASE("a reload shows the new certificate to new connections, and the old ones stay") {
    Server s;
    const auto own = net::make_self_signed({.names = {"test"}, .addresses = {}}).value();
    const auto gateway = s.start(proto::GATEWAY, s.gateway_engine);
    Client before(s, gateway->context().ports.control);
    REQUIRE(run_until(s.loop, [&] { return before.tls.is_open(); }));

    auto config = s.config;
    config.tls.certificate_file = s.dir.path() / "cert.pem";
    config.tls.key_file = s.dir.path() / "key.pem";
    gateway->reload(config);  // the files are missing: nothing changes
    std::ofstream(config.tls.certificate_file) << own.certificate_pem;
    std::ofstream(config.tls.key_file) << own.key_pem;
    Client unchanged(s, gateway->context().ports.control);
    REQUIRE(run_until(s.loop, [&] { return unchanged.tls.is_open(); }));
    CHECK(unchanged.tls.peer_fingerprint() == before.tls.peer_fingerprint());

    gateway->reload(config);
    Client after(s, gateway->context().ports.control);
    REQUIRE(run_until(s.loop, [&] { return after.tls.is_open(); }));
    CHECK(after.tls.peer_fingerprint() == net::fingerprint(own.certificate_pem).value());
    CHECK(before.tls.is_open());
}

TEST_CASE("a service whose last step of starting fails never says ready") {
    const test::TemporaryDir dir;
    const auto path = (dir.path() / "notify").string();
    const auto manager = test::notify_socket(path);
    Server s;
    auto& spec = s.specs.emplace_back();
    spec.service = proto::STATUS;
    spec.make = [](const EngineContext&) { return hooks_of(std::make_shared<ToyStatus>()); };
    spec.started = [](net::Loop&, const EngineContext&) { throw std::runtime_error("the port is taken"); };
    CHECK_THROWS(Shell(s.loop, spec, s.config));
    CHECK(test::notified(manager).empty());
    spec.started = nullptr;
    const Shell shell(s.loop, spec, s.config);
    CHECK(test::notified(manager) == "READY=1");
}
