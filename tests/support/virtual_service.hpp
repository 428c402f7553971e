// An engine as it lives in the virtual network: the shell's work (deadlines, datagrams, emptying the outbox)
// without a socket, a clock or a process. Restarting a service is destroying one of these and making another.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "services/common/engine.hpp"
#include "tests/support/virtual_network.hpp"

namespace connectsphere::testing {

struct VirtualServiceOptions {
    std::optional<Address> udp{};                           // of its UDP plane
    std::size_t datagram_bytes = 1 << 20;                   // what one call may send
    std::function<void(const Outbox&, Time)> on_decided{};  // sees every outbox before it is emptied
};

class VirtualService {
  public:
    VirtualService(VirtualNetwork& network, EngineHooks hooks, VirtualServiceOptions options);
    VirtualService(const VirtualService&) = delete;
    VirtualService& operator=(const VirtualService&) = delete;
    ~VirtualService();

    // What the other processes say to it.
    void ctl(const proto::ToService& message);
    void service(proto::Service from, const proto::ToGateway& message);
    void state(const proto::StateMessage& message);
    void subscriber();
    void open(ConnectionId connection, const Address& peer);
    void frame(ConnectionId connection, wire::FrameView frame);
    void close(ConnectionId connection);

    proto::ServiceHello hello() const;
    proto::Beat beat() const;

    // The answers and messages to the gateway since the last call.
    std::vector<proto::ToGateway> take_to_gateway();

    // Taken from the heap by the engine while it handled datagrams and deadlines, since the start.
    std::uint64_t media_allocations() const { return media_allocations_; }
    std::uint64_t datagrams_sent() const { return datagrams_sent_; }

  private:
    void receive(std::span<Datagram> batch, Time now);
    void wake(Time now);
    void carry_out();

    VirtualNetwork& network_;
    EngineHooks hooks_;
    VirtualServiceOptions options_;
    Outbox outbox_;
    std::vector<proto::ToGateway> to_gateway_;
    std::size_t sleeper_ = 0;
    std::uint64_t media_allocations_ = 0;
    std::uint64_t datagrams_sent_ = 0;
};

// A value of a metric by name and, where given, one label's value; absent when the beat has none.
std::optional<double> metric(const proto::Beat& beat, std::string_view name, std::string_view label = {});

}  // namespace connectsphere::testing
