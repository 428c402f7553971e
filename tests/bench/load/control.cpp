// The load of the control plane: members of one room ask for its state, at a steady pace, and time the
// answer. Halfway between two requests each asks a bare TLS server for an echo of the same size: the floor.
//
//   load_control --server 127.0.0.1:9000 --members 10 --seconds 10
#include <algorithm>
#include <array>
#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"
#include "tests/bench/load/tls_floor.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr Duration kPeriod = 100ms;  // of one member: half the rate that the server allows
constexpr std::size_t kEchoBytes = 32;

// One question at a time, and how long each took.
struct Stopwatch {
    std::vector<Duration>& times;
    Time asked_at = kNever;

    void ask() { asked_at = net::now(); }
    void answered() {
        if (asked_at != kNever) times.push_back(net::now() - asked_at);
        asked_at = kNever;
    }
};

struct Asker {
    std::unique_ptr<Member> member;
    net::TlsConnection echo;
    bool echo_is_open = false;
    Stopwatch room, bare;
    net::Timer timer;
    Time due{};
    bool is_echo_next = false;
};

void start_asking(Asker& asker, net::Loop& loop, Time first) {
    asker.member->on_event = [&asker](const client::Event& event) {
        if (std::holds_alternative<proto::Room>(event)) asker.room.answered();
    };
    asker.due = first;
    asker.timer = loop.at(first, [&asker] {
        if (std::exchange(asker.is_echo_next, !asker.is_echo_next)) {
            asker.bare.ask();
            (void)asker.echo.send(std::array<std::uint8_t, kEchoBytes>{});
        } else {
            asker.room.ask();
            asker.member->act([](auto& session, auto& out) { session.get_room(out); });
        }
        asker.timer.set(asker.due += kPeriod / 2);
    });
}

double milliseconds_of(const std::vector<Duration>& times, double share) {
    return seconds(quantile(times, share)) * 1000;
}

void work(const Arguments& arguments) {
    const TlsFloor echo(TlsFloor::To::sender);

    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto count = arguments.number("members", 10);
    auto members = join_all(loop, *tls, batch, alike({.server = arguments.server()}, count));
    std::vector<Duration> room_times, bare_times;
    std::vector<std::unique_ptr<Asker>> askers;
    for (auto& member : members) {
        auto& asker = *askers.emplace_back(std::make_unique<Asker>(Asker{.member = std::move(member),
                                                                         .echo = {},
                                                                         .room = {room_times},
                                                                         .bare = {bare_times},
                                                                         .timer = {}}));
        auto fd = net::connect_tcp(echo.address());
        if (!fd) give_up(fd.error().what);
        asker.echo =
            net::TlsConnection(loop, *tls, std::move(*fd), echo.address(),
                               {.on_open = [&asker] { asker.echo_is_open = true; },
                                .on_bytes = [&asker](Bytes) { asker.bare.answered(); },
                                .on_close = [](const Error& error) { give_up("echo: " + error.what); }});
    }
    wait_until(loop, "no echo", [&] {
        return std::all_of(askers.begin(), askers.end(), [](const auto& a) { return a->echo_is_open; });
    });
    // Evenly spread, so that no question waits for another one.
    const Time start = net::now() + 100ms;
    for (std::size_t i = 0; i < count; ++i) {
        start_asking(*askers[i], loop,
                     start + kPeriod / 2 * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(count));
    }
    run_for(loop, 1s);
    room_times.clear();
    bare_times.clear();
    say("begin");
    run_for(loop, arguments.duration("seconds", 10));
    say("end", {{"answers", static_cast<double>(room_times.size())},
                {"p50", milliseconds_of(room_times, 0.5)},
                {"p99", milliseconds_of(room_times, 0.99)},
                {"echo_p50", milliseconds_of(bare_times, 0.5)},
                {"echo_p99", milliseconds_of(bare_times, 0.99)}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
