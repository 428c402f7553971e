// Waiting in tests of the shell: run the loop until a condition holds, at most for so long. Tests never
// sleep.
#pragma once

#include "lib/net/clock.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::test {

template <class Predicate>
bool run_until(net::Loop& loop, Predicate predicate, Duration limit = 5s) {
    const Time deadline = net::now() + limit;
    // What is deferred to the end of an iteration may fulfil the condition just before the sleep.
    const net::Hook awake = loop.before_sleep([&] { return predicate(); });
    while (!predicate()) {
        const auto left = deadline - net::now();
        if (left <= Duration::zero()) return false;
        loop.run_once(left);
    }
    return true;
}

}  // namespace connectsphere::test
