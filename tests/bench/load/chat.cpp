// Chat in a large room: how fast people come in, and how soon the last one has a message.
#include <memory>
#include <variant>
#include <vector>

#include "lib/net/clock.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {
namespace {

constexpr std::size_t kAtOnce =
    32;  // connections that have not joined: the server allows 64 from one address
constexpr Duration kPeriod = 200ms;  // between two messages

struct Fanout {
    std::size_t missing = 0;  // members that do not have the newest message
    Time sent_at{};
    std::vector<Duration> times;

    void got() {
        if (missing > 0 && --missing == 0) times.push_back(net::now() - sent_at);
    }
};

void work(const Arguments& arguments) {
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto count = arguments.number("members", 200);
    const auto messages = arguments.number("messages", 30);
    Fanout fanout;

    std::vector<Member::Options> options;
    for (std::size_t i = 0; i < count; ++i) {
        options.push_back({.server = arguments.server(),
                           .name = "member " + std::to_string(i),
                           .plane = std::nullopt,
                           .streams = {}});
    }
    say("begin");
    const Time start = net::now();
    auto members = join_all(loop, *tls, batch, options);
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
    }
    say("end", {{"joins_per_second", static_cast<double>(count) / joining},
                {"p50", 1000 * seconds(quantile(fanout.times, 0.5))},
                {"p99", 1000 * seconds(quantile(fanout.times, 0.99))}});
    run_for(loop, arguments.duration("linger", 0));
}

}  // namespace
}  // namespace connectsphere::bench

int main(int argc, char** argv) {
    return connectsphere::bench::run_program(argc, argv, connectsphere::bench::work);
}
