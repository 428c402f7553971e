// The contract between an engine and the shell that runs it. An engine is a plain class: messages and the
// time come in, decisions go out through an Outbox. It has no socket, no clock, no thread and no file, so
// every behaviour is tested with virtual time and a whole conference is simulated in one thread.
//
// An engine has those of the functions below that it needs; hooks_of() finds them. All are called from one
// thread.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "lib/base/datagram.hpp"
#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/frame.hpp"
#include "services/common/config.hpp"
#include "services/common/outbox.hpp"

namespace connectsphere {

// Fills a span with random bytes; a seeded generator in tests.
using Entropy = std::function<void(MutableBytes)>;

// Runs a job elsewhere and then calls `done` in the engine's turn. Jobs run one after another, in order. A
// job touches nothing of the engine; whoever offloads bounds how much is under way.
using Offload = std::function<void(std::function<void()> job, std::function<void(Time, Outbox&)> done)>;

// The ports that clients reach the planes at, as bound (a configured 0 picks a free one).
struct BoundPorts {
    std::uint16_t control = 0, screen = 0, files = 0, video = 0, audio = 0;
};

// What every engine is made from.
struct EngineContext {
    Config config;
    InstanceId instance;  // of this life of this process
    BoundPorts ports;     // the gateway only
    Entropy entropy;
    std::function<WallTime(Time)> to_wall;  // for timestamps that people read; never for scheduling
    Offload offload;                        // for what may block: a disk, a password's hash
};

struct EngineHooks {
    std::shared_ptr<void> engine;  // shared by the hooks below, for as long as the shell runs

    // ctl: what the gateway says to this service; what a service says to the gateway; what could not be sent
    // because that service is sick or away (what on_unsent sends to services is thrown away).
    std::function<void(const proto::ToService&, Time, Outbox&)> on_ctl;
    std::function<void(proto::Service, const proto::ToGateway&, Time, Outbox&)> on_service;
    std::function<void(proto::Service, const proto::ToService&, Time, Outbox&)> on_unsent;
    // What this service answers to GatewayHello; what the gateway tells a service in it.
    std::function<void(proto::ServiceHello&)> fill_hello;
    std::function<void(proto::Service, proto::GatewayHello&)> fill_gateway_hello;

    // state: a snapshot of somebody else's facts; a subscriber came (publish everything, again).
    std::vector<proto::Service> state_owners{proto::SIGNALING};  // whose facts; Engine::kStateOwners
    std::function<void(const proto::StateMessage&, Time, Outbox&)> on_state;
    std::function<void(Time, Outbox&)> on_subscriber;

    // Plane: the port that clients reach it at, as bound.
    std::function<void(std::uint16_t)> on_port;

    // TCP plane: TLS is up; a frame; the connection is gone (also after Outbox::closes).
    std::function<void(ConnectionId, const Address&, Time, Outbox&)> on_open;
    std::function<void(ConnectionId, wire::FrameView, Time, Outbox&)> on_frame;
    std::function<void(ConnectionId, Time, Outbox&)> on_close;

    // UDP plane: a batch, in the order of arrival.
    std::function<void(std::span<Datagram>, Time, Outbox&)> on_datagrams;

    // Time: called when `deadline` has passed. kNever: nothing to do.
    std::function<void(Time, Outbox&)> on_time;
    std::function<Time()> deadline;

    // beat: figures for status, once a second; what others say (status only).
    std::function<void(proto::Beat&)> fill_beat;
    std::function<void(const proto::Beat&, Time)> on_beat;
};

template <class Engine>
EngineHooks hooks_of(std::shared_ptr<Engine> engine) {
    EngineHooks hooks;
    auto* e = engine.get();
    if constexpr (requires { &Engine::on_ctl; })
        hooks.on_ctl = [e](const auto& m, Time now, Outbox& out) { e->on_ctl(m, now, out); };
    if constexpr (requires { &Engine::on_service; })
        hooks.on_service = [e](auto s, const auto& m, Time now, Outbox& out) {
            e->on_service(s, m, now, out);
        };
    if constexpr (requires { &Engine::on_unsent; })
        hooks.on_unsent = [e](auto s, const auto& m, Time now, Outbox& out) { e->on_unsent(s, m, now, out); };
    if constexpr (requires { &Engine::fill_hello; })
        hooks.fill_hello = [e](proto::ServiceHello& hello) { e->fill_hello(hello); };
    if constexpr (requires { &Engine::fill_gateway_hello; })
        hooks.fill_gateway_hello = [e](auto s, proto::GatewayHello& hello) {
            e->fill_gateway_hello(s, hello);
        };
    if constexpr (requires { &Engine::on_state; })
        hooks.on_state = [e](const auto& m, Time now, Outbox& out) { e->on_state(m, now, out); };
    if constexpr (requires { Engine::kStateOwners; })
        hooks.state_owners.assign(Engine::kStateOwners.begin(), Engine::kStateOwners.end());
    if constexpr (requires { &Engine::on_subscriber; })
        hooks.on_subscriber = [e](Time now, Outbox& out) { e->on_subscriber(now, out); };
    if constexpr (requires { &Engine::on_port; })
        hooks.on_port = [e](std::uint16_t port) { e->on_port(port); };
    if constexpr (requires { &Engine::on_open; })
        hooks.on_open = [e](ConnectionId c, const Address& a, Time now, Outbox& out) {
            e->on_open(c, a, now, out);
        };
    if constexpr (requires { &Engine::on_frame; })
        hooks.on_frame = [e](ConnectionId c, wire::FrameView f, Time now, Outbox& out) {
            e->on_frame(c, f, now, out);
        };
    if constexpr (requires { &Engine::on_close; })
        hooks.on_close = [e](ConnectionId c, Time now, Outbox& out) { e->on_close(c, now, out); };
    if constexpr (requires { &Engine::on_datagrams; })
        hooks.on_datagrams = [e](std::span<Datagram> d, Time now, Outbox& out) {
            e->on_datagrams(d, now, out);
        };
    if constexpr (requires { &Engine::on_time; })
        hooks.on_time = [e](Time now, Outbox& out) { e->on_time(now, out); };
    if constexpr (requires { &Engine::deadline; }) hooks.deadline = [e] { return e->deadline(); };
    if constexpr (requires { &Engine::fill_beat; })
        hooks.fill_beat = [e](proto::Beat& beat) { e->fill_beat(beat); };
    if constexpr (requires { &Engine::on_beat; })
        hooks.on_beat = [e](const proto::Beat& beat, Time now) { e->on_beat(beat, now); };
    hooks.engine = std::move(engine);
    return hooks;
}

}  // namespace connectsphere
