#include "lib/net/loop.hpp"

#include <sys/eventfd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "lib/net/clock.hpp"
#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::net;
using connectsphere::test::run_until;

namespace {

Fd ready_fd() { return Fd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)); }

}  // namespace

TEST_CASE("timers fire in the order of their times and never early") {
    Loop loop;
    const Time start = now();
    std::vector<int> order;
    std::vector<Duration> early;
    const auto note = [&](int number, Time due) {
        order.push_back(number);
        if (now() < due) early.push_back(due - now());
    };
    Timer second = loop.at(start + 6ms, [&] { note(2, start + 6ms); });
    Timer first = loop.at(start + 3ms, [&] { note(1, start + 3ms); });
    Timer third = loop.at(start + 6ms, [&] { note(3, start + 6ms); });
    Timer past = loop.at(start - 1h, [&] { note(0, start - 1h); });
    REQUIRE(run_until(loop, [&] { return order.size() == 4; }));
    CHECK(order == std::vector{0, 1, 2, 3});
    CHECK(early.empty());
}

TEST_CASE("a cancelled, destroyed or replaced timer does not fire") {
    Loop loop;
    const Time start = now();
    bool wrong = false;
    Timer cancelled = loop.at(start + 1ms, [&] { wrong = true; });
    Timer replaced = loop.at(start + 1ms, [&] { wrong = true; });
    {
        const Timer destroyed = loop.at(start + 1ms, [&] { wrong = true; });
    }
    cancelled.cancel();
    replaced.set(start + 1h);
    bool done = false;
    Timer end = loop.at(start + 3ms, [&] { done = true; });
    REQUIRE(run_until(loop, [&] { return done; }));
    CHECK_FALSE(wrong);
    CHECK_FALSE(cancelled.is_armed());
    CHECK(replaced.is_armed());
}

TEST_CASE("a timer cancelled by another of the same time does not fire") {
    Loop loop;
    const Time due = now() + 1ms;
    bool wrong = false, done = false;
    Timer second;
    Timer first = loop.at(due, [&] { second.cancel(); });
    second = loop.at(due, [&] { wrong = true; });
    Timer third = loop.at(due, [&] { done = true; });
    REQUIRE(run_until(loop, [&] { return done; }));
    CHECK_FALSE(wrong);
}

TEST_CASE("a timer may set itself again or destroy itself") {
    Loop loop;
    Time due = now();
    int ticks = 0;
    Timer tick;
    tick = loop.at(due, [&] {
        if (++ticks < 5) return tick.set(due += 1ms);
        tick = Timer();
    });
    REQUIRE(run_until(loop, [&] { return !tick; }));
    CHECK(ticks == 5);
}

TEST_CASE("a timer that catches up does not starve the descriptors") {
    Loop loop;
    const Fd fd = ready_fd();
    int ticks = 0, reads = 0;
    Timer tick;
    const Time past = now() - 1h;
    tick = loop.at(past, [&] {
        ++ticks;
        tick.set(past);
    });
    Watch watch = loop.watch(fd.get(), EPOLLIN, [&](auto) { ++reads; });
    REQUIRE(run_until(loop, [&] { return reads == 3; }));
    CHECK(ticks <= 10);
    watch.reset();
    CHECK(run_until(loop, [&] { return ticks > 20; }));
}

TEST_CASE("a watch may be destroyed within its own callback") {
    Loop loop;
    const Fd fd = ready_fd();
    int calls = 0;
    Watch watch;
    watch = loop.watch(fd.get(), EPOLLIN, [&, big = std::string(100, 'x')](auto) {
        watch = Watch();
        calls += big.size() == 100 ? 1 : 100;  // what the callback owns is still there
    });
    REQUIRE(run_until(loop, [&] { return calls > 0; }));
    loop.run_once(0ms);
    CHECK(calls == 1);
}

TEST_CASE("a watch destroyed by another one of the same iteration is not called") {
    Loop loop;
    const Fd a = ready_fd(), b = ready_fd();
    int calls = 0;
    Watch first, second;
    first = loop.watch(a.get(), EPOLLIN, [&](auto) { ++calls, second.reset(); });
    second = loop.watch(b.get(), EPOLLIN, [&](auto) { ++calls, first.reset(); });
    loop.run_once(1s);
    CHECK(calls == 1);
}

TEST_CASE("each ready descriptor is served once per iteration") {
    Loop loop;
    const Fd a = ready_fd(), b = ready_fd();
    int first = 0, second = 0;
    const Watch one = loop.watch(a.get(), EPOLLIN, [&](auto) { ++first; });
    const Watch two = loop.watch(b.get(), EPOLLIN, [&](auto) { ++second; });
    for (int i = 0; i < 10; ++i) loop.run_once(1s);
    CHECK(first == 10);
    CHECK(second == 10);
}

TEST_CASE("a watch that is set to other events sleeps on the old ones") {
    Loop loop;
    const Fd fd = ready_fd();
    int calls = 0;
    Watch watch = loop.watch(fd.get(), EPOLLIN, [&](auto) { ++calls; });
    watch.set(0);
    loop.run_once(0ms);
    CHECK(calls == 0);
    watch.set(EPOLLIN);
    loop.run_once(1s);
    CHECK(calls == 1);
}

TEST_CASE("work posted by another thread wakes the loop and runs in order") {
    Loop loop;
    std::vector<int> order;
    std::thread::id ran_on;
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) loop.post([&, i] { order.push_back(i); });
        loop.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("a hook with more to do forbids the sleep, one without allows it") {
    Loop loop;
    int waiting = 5;
    int calls = 0;
    const Hook hook = loop.before_sleep([&] {
        ++calls;
        return --waiting > 0;
    });
    const Time start = now();
    for (int i = 0; i < 4; ++i) loop.run_once(10s);
    CHECK(now() - start < 5s);
    CHECK(calls == 4);
    loop.run_once(2ms);
    CHECK(now() - start >= 2ms);
}

TEST_CASE("deferred work runs once at the end of the iteration, also when a hook asked for it") {
    Loop loop;
    int flushed = 0;
    Deferred flush = loop.deferred([&] { ++flushed; });
    flush.request();
    flush.request();
    loop.run_once(0ms);
    CHECK(flushed == 1);

    bool asked = false;
    const Hook hook = loop.before_sleep([&] {
        if (!std::exchange(asked, true)) flush.request();
        return false;
    });
    const Time start = now();
    loop.run_once(10s);
    loop.run_once(0ms);
    CHECK(flushed == 2);
    CHECK(now() - start < 5s);
}

TEST_CASE("a hook may end itself") {
    Loop loop;
    int calls = 0;
    Hook hook;
    hook = loop.before_sleep([&] {
        hook.reset();
        return ++calls > 0;
    });
    loop.run_once(0ms);
    loop.run_once(0ms);
    CHECK(calls == 1);
}
