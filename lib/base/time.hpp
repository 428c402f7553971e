// Time as engines see it: a value that is passed in. SteadyTime's clock has no now(); only lib/net/clock asks
// the kernel. WallTime is for people and for RTCP sender reports; nothing is ever scheduled by it.
#pragma once

#include <chrono>
#include <cstdint>

namespace connectsphere {

using Duration = std::chrono::nanoseconds;

struct SteadyClock {
    using rep = Duration::rep;
    using period = Duration::period;
    using duration = Duration;
    using time_point = std::chrono::time_point<SteadyClock, Duration>;
    static constexpr bool is_steady = true;
};

using Time = SteadyClock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

using namespace std::chrono_literals;  // NOLINT: 20ms reads as 20 ms everywhere

constexpr Time kNever = Time::max();

inline double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
inline std::int64_t milliseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace connectsphere
