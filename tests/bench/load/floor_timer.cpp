// How late a bare timer is on this machine at this time: sleeps until the next multiple of 20 ms, over and
// over, and does nothing else.
//
//   floor_timer --seconds 20
#include <ctime>

#include "lib/net/clock.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

void work(const Arguments& arguments) {
    constexpr Duration period = 20ms;
    std::vector<Duration> lateness;
    Time due = net::now() + period;
    for (const Time end = due + arguments.duration("seconds", 20); due < end; due += period) {
        const auto since_epoch = due.time_since_epoch();
        const timespec when{.tv_sec = since_epoch / 1s, .tv_nsec = (since_epoch % 1s).count()};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
        lateness.push_back(net::now() - due);
    }
    say("end", {{"p50", seconds(quantile(lateness, 0.5)) * 1000},
                {"p99", seconds(quantile(lateness, 0.99)) * 1000}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
