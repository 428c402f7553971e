#include "lib/net/signals.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::net;
using connectsphere::test::run_until;

TEST_CASE("signals arrive on the loop and do not kill the process") {
    Loop loop;
    std::vector<int> seen;
    const Signals signals(loop, [&](int signal) { seen.push_back(signal); });
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        seen.clear();
        REQUIRE(raise(signal) == 0);
        REQUIRE(run_until(loop, [&] { return !seen.empty(); }));
        CHECK(seen == std::vector{signal});
    }
}

TEST_CASE("writing to a pipe that nobody reads is an error, not a signal") {
    Loop loop;
    const Signals signals(loop, [](int) {});
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    Fd reader(ends[0]);
    const Fd writer(ends[1]);
    reader.reset();
    CHECK(::write(writer.get(), "x", 1) == -1);
    CHECK(errno == EPIPE);
}

TEST_CASE("the signal mask is restored") {
    Loop loop;
    {
        const Signals signals(loop, [](int) {});
    }
    sigset_t mask;
    REQUIRE(pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0);
    CHECK(sigismember(&mask, SIGTERM) == 0);
}
