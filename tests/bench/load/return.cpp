// A room whose gateway dies: how soon everybody is back, as who they were. The driver kills the gateway at
// "begin" and starts it again, as a supervisor does.
#include <algorithm>
#include <variant>
#include <vector>

#include "lib/net/clock.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {
namespace {

struct Return {
    Time lost_at = kNever;  // the first connection
    std::size_t lost = 0;
    std::size_t as_new = 0;
    std::vector<Duration> back;  // of each, since the first was lost

    void note(const client::Event& event) {
        if (std::holds_alternative<client::Disconnected>(event)) {
            lost_at = std::min(lost_at, net::now());
            ++lost;
        } else if (const auto* joined = std::get_if<proto::Joined>(&event)) {
            back.push_back(net::now() - lost_at);
            as_new += joined->resumed() ? 0 : 1;
        }
    }
};

void work(const Arguments& arguments) {
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto count = arguments.number("members", 200);
    auto members = join_all(loop, *tls, batch, alike({.server = arguments.server(), .returns = true}, count));
    run_for(loop, 1s);
    Return all;
    for (auto& member : members) {
        member->on_event = [&all](const client::Event& event) { all.note(event); };
    }
    say("begin");
    wait_until(
        loop, "not everybody came back", [&] { return all.back.size() >= count; }, 60s);
    say("end", {{"last_ms", 1000 * seconds(quantile(all.back, 1))},
                {"half_ms", 1000 * seconds(quantile(all.back, 0.5))},
                {"tries", static_cast<double>(all.lost)},
                {"as_new", static_cast<double>(all.as_new)}});
}

}  // namespace
}  // namespace connectsphere::bench

int main(int argc, char** argv) {
    return connectsphere::bench::run_program(argc, argv, connectsphere::bench::work);
}
