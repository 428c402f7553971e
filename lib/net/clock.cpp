#include "lib/net/clock.hpp"

#include <ctime>

namespace connectsphere::net {

namespace {

Duration read(clockid_t clock) {
    timespec value{};
    clock_gettime(clock, &value);
    return std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec);
}

}  // namespace

Time now() { return Time(read(CLOCK_MONOTONIC)); }

WallTime wall_now() {
    return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(read(CLOCK_REALTIME)));
}

}  // namespace connectsphere::net
