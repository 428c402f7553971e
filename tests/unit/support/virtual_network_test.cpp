#include "tests/support/virtual_network.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::testing;

namespace {

const Address kAlice = *parse_address("10.0.0.1:5000", 0);
const Address kBob = *parse_address("10.0.0.2:5000", 0);

struct Note {
    std::int64_t at_ms;
    std::string text;
    bool operator==(const Note&) const = default;
};

// Writes down what arrives at an address.
struct Recorder {
    Recorder(VirtualNetwork& network, const Address& address) {
        network.bind(address, [this](std::span<Datagram> batch, Time now) {
            batch_sizes.push_back(batch.size());
            for (const auto& datagram : batch) {
                notes.push_back({milliseconds(now - Time{}), std::string(as_text(datagram.payload))});
                last_route = datagram.route;
            }
        });
    }
    std::vector<Note> notes;
    std::vector<std::size_t> batch_sizes;
    Route last_route;
};

}  // namespace

TEST_CASE("a datagram arrives after the delay of its link, with the route turned round") {
    VirtualNetwork network(1);
    network.set_default_link({.delay = 10ms});
    network.set_link(kBob, kAlice, {.delay = 3ms});
    Recorder alice(network, kAlice), bob(network, kBob);
    network.send({.peer = kBob, .local = kAlice}, as_bytes("there"));
    network.send({.peer = kAlice, .local = kBob}, as_bytes("here"));
    network.run_for(1s);
    CHECK(bob.notes == std::vector<Note>{{10, "there"}});
    CHECK(alice.notes == std::vector<Note>{{3, "here"}});
    CHECK(bob.last_route == Route{.peer = kAlice, .local = kBob});
    CHECK(network.now() == Time{} + 1s);
}

TEST_CASE("what arrives at one instant arrives as one batch, in order") {
    VirtualNetwork network(1);
    Recorder bob(network, kBob);
    for (const auto* text : {"a", "b", "c"}) network.send({.peer = kBob, .local = kAlice}, as_bytes(text));
    network.run_for(1ms);
    CHECK(bob.notes == std::vector<Note>{{0, "a"}, {0, "b"}, {0, "c"}});
    CHECK(bob.batch_sizes == std::vector<std::size_t>{3});
}

TEST_CASE("what is sent to nobody is counted") {
    VirtualNetwork network(1);
    network.set_default_link({.delay = 10ms});
    Recorder bob(network, kBob);
    network.send({.peer = kBob, .local = kAlice}, as_bytes("late"));
    network.unbind(kBob);
    network.run_for(1s);
    CHECK(bob.notes.empty());
    CHECK(network.undeliverable() == 1);
}

TEST_CASE("timers run in the order of their times, then of their making") {
    VirtualNetwork network(1);
    std::vector<int> order;
    network.at(Time{} + 2ms, [&] { order.push_back(3); });
    network.at(Time{} + 1ms, [&] {
        order.push_back(1);
        network.at(Time{} + 1ms, [&] { order.push_back(2); });
    });
    network.at(Time{} + 5ms, [&] { order.push_back(4); });
    network.run_for(4ms);
    CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("a sleeper wakes at its deadline and not before") {
    VirtualNetwork network(1);
    Time due = Time{} + 20ms;
    std::vector<std::int64_t> woken;
    const auto id = network.add_sleeper({.deadline = [&] { return due; },
                                         .wake =
                                             [&](Time now) {
                                                 woken.push_back(milliseconds(now - Time{}));
                                                 due += 20ms;
                                             }});
    network.run_for(70ms);
    CHECK(woken == std::vector<std::int64_t>{20, 40, 60});
    network.remove_sleeper(id);
    network.run_for(1s);
    CHECK(woken.size() == 3);
}

TEST_CASE("a deadline that stays in the past is reported, not waited for") {
    VirtualNetwork network(1);
    network.add_sleeper({.deadline = [] { return Time{}; }, .wake = [](Time) {}});
    CHECK_THROWS_AS(network.run_for(1s), std::logic_error);
}

TEST_CASE("the same seed gives the same run") {
    const auto run = [](std::uint64_t seed) {
        VirtualNetwork network(seed);
        network.set_default_link(
            {.loss = 0.2, .duplicate = 0.1, .reorder = 0.1, .delay = 5ms, .jitter = 4ms});
        Recorder bob(network, kBob);
        for (int i = 0; i < 200; ++i)
            network.at(Time{} + i * 1ms, [&network, i] {
                network.send({.peer = kBob, .local = kAlice}, as_bytes(std::to_string(i)));
            });
        network.run_for(1s);
        return bob.notes;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}
