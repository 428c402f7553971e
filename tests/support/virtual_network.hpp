// A network in which time is a number: UDP endpoints, links between them, timers, and nothing that waits. A
// whole conference of engines and virtual clients runs in one thread, as fast as it can be computed, and the
// same seed gives the same run, packet for packet.
//
//     VirtualNetwork net(seed);
//     net.set_default_link({.loss = 0.05, .delay = 10ms});
//     net.bind(address, [&](std::span<Datagram> batch, Time now) { … });
//     net.at(net.now() + 20ms, [&] { net.send({.peer = server, .local = address}, bytes); });
//     net.run_for(10s);
//
// Engines live in it as VirtualService (tests/support/virtual_service.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "lib/base/datagram.hpp"
#include "tests/support/link.hpp"

namespace connectsphere::testing {

class VirtualNetwork {
  public:
    // All datagrams that arrive at one endpoint at one instant, as the shell's recvmmsg would give them. The
    // payloads may be written to.
    using Receive = std::function<void(std::span<Datagram>, Time)>;

    // Somebody with deadlines of its own. It must unregister before it goes.
    struct Sleeper {
        std::function<Time()> deadline;
        std::function<void(Time)> wake;
    };

    explicit VirtualNetwork(std::uint64_t seed) : seed_(seed) {}
    VirtualNetwork(const VirtualNetwork&) = delete;
    VirtualNetwork& operator=(const VirtualNetwork&) = delete;

    Time now() const { return now_; }

    void bind(const Address& address, Receive receive);  // replaces who was bound there
    void unbind(const Address& address);                 // what is under way to it will be undeliverable

    // Every pair of addresses has two links, one each way, made when first used.
    void set_default_link(const LinkQuality& quality);  // of all pairs that have none of their own
    void set_link(const Address& from, const Address& to, const LinkQuality& quality);
    LinkCounts link_counts(const Address& from, const Address& to) const;

    // The route as the sender sees it: `local` is where the datagram comes from.
    void send(const Route& route, Bytes payload);

    void at(Time when, std::function<void()> call);
    std::size_t add_sleeper(Sleeper sleeper);
    void remove_sleeper(std::size_t id);

    void run_until(Time end);  // everything up to and including `end`
    void run_for(Duration duration) { run_until(now_ + duration); }

    std::uint64_t delivered() const { return delivered_; }
    std::uint64_t undeliverable() const { return undeliverable_; }  // nobody was bound there

  private:
    struct Arrival {
        Route route;  // as the receiver sees it
        Buffer payload;
    };
    struct Event {
        Time when;
        std::uint64_t order;  // of equal times the older goes first
        std::function<void()> call;

        bool operator>(const Event& other) const {
            return std::pair(when, order) > std::pair(other.when, other.order);
        }
    };
    using Inbox = std::map<std::pair<Time, Address>, std::vector<Arrival>>;

    Link& link(const Address& from, const Address& to);
    Time next_event() const;
    void deliver_next();
    void step(Time when);

    std::uint64_t seed_;
    Time now_{};
    LinkQuality default_quality_;
    std::map<std::pair<Address, Address>, Link> links_;
    std::map<std::pair<Address, Address>, LinkQuality> own_quality_;
    std::map<Address, Receive> endpoints_;
    Inbox inbox_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t event_count_ = 0;
    std::map<std::size_t, Sleeper> sleepers_;
    std::size_t sleeper_count_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t undeliverable_ = 0;
};

}  // namespace connectsphere::testing
