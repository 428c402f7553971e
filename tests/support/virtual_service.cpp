#include "tests/support/virtual_service.hpp"

#include <algorithm>
#include <utility>

#include "tests/support/allocations.hpp"

namespace connectsphere::testing {

VirtualService::VirtualService(VirtualNetwork& network, EngineHooks hooks, VirtualServiceOptions options)
    : network_(network),
      hooks_(std::move(hooks)),
      options_(std::move(options)),
      outbox_(options_.datagram_bytes) {
    if (options_.udp)
        network_.bind(*options_.udp, [this](std::span<Datagram> batch, Time now) { receive(batch, now); });
    if (hooks_.deadline && hooks_.on_time)
        sleeper_ =
            network_.add_sleeper({.deadline = hooks_.deadline, .wake = [this](Time now) { wake(now); }});
}

VirtualService::~VirtualService() {
    if (options_.udp) network_.unbind(*options_.udp);
    network_.remove_sleeper(sleeper_);
}

void VirtualService::ctl(const proto::ToService& message) {
    hooks_.on_ctl(message, network_.now(), outbox_);
    carry_out();
}

void VirtualService::service(proto::Service from, const proto::ToGateway& message) {
    hooks_.on_service(from, message, network_.now(), outbox_);
    carry_out();
}

void VirtualService::state(const proto::StateMessage& message) {
    hooks_.on_state(message, network_.now(), outbox_);
    carry_out();
}

void VirtualService::subscriber() {
    hooks_.on_subscriber(network_.now(), outbox_);
    carry_out();
}

void VirtualService::open(ConnectionId connection, const Address& peer) {
    hooks_.on_open(connection, peer, network_.now(), outbox_);
    carry_out();
}

void VirtualService::frame(ConnectionId connection, wire::FrameView frame) {
    hooks_.on_frame(connection, frame, network_.now(), outbox_);
    carry_out();
}

void VirtualService::close(ConnectionId connection) {
    hooks_.on_close(connection, network_.now(), outbox_);
    carry_out();
}

proto::ServiceHello VirtualService::hello() const {
    proto::ServiceHello hello;
    hooks_.fill_hello(hello);
    return hello;
}

proto::Beat VirtualService::beat() const {
    proto::Beat beat;
    hooks_.fill_beat(beat);
    return beat;
}

std::vector<proto::ToGateway> VirtualService::take_to_gateway() { return std::exchange(to_gateway_, {}); }

void VirtualService::receive(std::span<Datagram> batch, Time now) {
    const AllocationCount count;
    hooks_.on_datagrams(batch, now, outbox_);
    media_allocations_ += count.taken();
    carry_out();
}

void VirtualService::wake(Time now) {
    const AllocationCount count;
    hooks_.on_time(now, outbox_);
    media_allocations_ += count.taken();
    carry_out();
}

void VirtualService::carry_out() {
    if (options_.on_decided) options_.on_decided(outbox_, network_.now());
    to_gateway_.insert(to_gateway_.end(), outbox_.to_gateway.begin(), outbox_.to_gateway.end());
    const auto& datagrams = outbox_.datagrams;
    datagrams_sent_ += datagrams.size();
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        // An answer leaves from the service's own port, and from the address that the engine names, if any.
        Route route = datagrams.entry(i).route;
        if (options_.udp) route.local = *options_.udp;
        network_.send(route, datagrams.bytes(i));
    }
    outbox_.clear();
}

std::optional<double> metric(const proto::Beat& beat, std::string_view name, std::string_view label) {
    for (const auto& metric : beat.metrics()) {
        if (metric.name() != name) continue;
        const auto& labels = metric.labels();
        if (label.empty() || std::any_of(labels.begin(), labels.end(),
                                         [&](const auto& each) { return each.value() == label; }))
            return metric.value();
    }
    return std::nullopt;
}

}  // namespace connectsphere::testing
