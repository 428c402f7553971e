// Chat in a large room: how fast people come in, and how soon the last one has a message. Beside it the
// floor: as many bare TLS connections to a server that sends what comes on to everybody.
#include <memory>
#include <variant>
#include <vector>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"
#include "tests/bench/load/tls_floor.hpp"

namespace connectsphere::bench {
namespace {

constexpr std::size_t kMessageBytes = 150;  // of a chat message on the wire, about
constexpr Duration kPeriod = 200ms;         // between two messages

struct Fanout {
    std::size_t missing = 0;  // members that do not have the newest message
    Time sent_at{};
    std::vector<Duration> times;

    void got() {
        if (missing > 0 && --missing == 0) times.push_back(net::now() - sent_at);
    }
};

struct Floor {
    net::Loop& loop;
    const net::TlsContext& tls;
    const Address& server;
    Fanout fanout{};
    std::vector<std::unique_ptr<net::TlsConnection>> connections{};
    std::size_t open = 0;

    // Seconds that it took.
    double connect(std::size_t count) {
        const Time start = net::now();
        wait_until(loop, "the floor does not take everybody", [&] {
            while (connections.size() < count && connections.size() < open + kAtOnce) connect_one();
            return open == count;
        });
        return seconds(net::now() - start);
    }
    void connect_one() {
        auto fd = net::connect_tcp(server);
        if (!fd) give_up(fd.error().what);
        connections.push_back(std::make_unique<net::TlsConnection>(
            loop, tls, std::move(*fd), server,
            net::TlsConnection::Handlers{
                .on_open = [this] { ++open; },
                .on_bytes = [this](Bytes) { fanout.got(); },
                .on_close = [](const Error& error) { give_up("floor: " + error.what); }}));
    }
    void send_one() {
        fanout.missing = connections.size();
        fanout.sent_at = net::now();
        (void)connections.front()->send(Buffer(kMessageBytes));
        wait_until(loop, "the floor lost a message", [&] { return fanout.missing == 0; });
    }
};

void work(const Arguments& arguments) {
    const TlsFloor bare(TlsFloor::To::everybody);
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto count = arguments.number("members", 200);
    const auto messages = arguments.number("messages", 30);
    Fanout fanout;
    Floor floor{.loop = loop, .tls = *tls, .server = bare.address()};
    const double connecting = floor.connect(count);

    say("begin");
    const Time start = net::now();
    auto members = join_all(loop, *tls, batch, alike({.server = arguments.server()}, count));
    const double joining = seconds(net::now() - start);
    for (auto& member : members) {
        member->on_event = [&fanout](const client::Event& event) {
            if (std::holds_alternative<proto::ChatMessage>(event)) fanout.got();
        };
    }
    run_for(loop, 2s);  // everybody has heard of everybody

    for (std::size_t i = 0; i < messages; ++i) {
        fanout.missing = count;
        fanout.sent_at = net::now();
        members[0]->act([](auto& session, auto& out) { session.chat("what a message is like", {}, out); });
        wait_until(loop, "a message did not reach everybody", [&] { return fanout.missing == 0; });
        run_for(loop, kPeriod);
        floor.send_one();
    }
    say("end", {{"joins_per_second", static_cast<double>(count) / joining},
                {"p50", 1000 * seconds(quantile(fanout.times, 0.5))},
                {"p99", 1000 * seconds(quantile(fanout.times, 0.99))},
                {"floor_p99", 1000 * seconds(quantile(floor.fanout.times, 0.99))},
                {"floor_join_ms", 1000 * connecting / static_cast<double>(count)}});
    run_for(loop, arguments.duration("linger", 0));
}

}  // namespace
}  // namespace connectsphere::bench

int main(int argc, char** argv) {
    return connectsphere::bench::run_program(argc, argv, connectsphere::bench::work);
}
