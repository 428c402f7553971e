// The only place that asks the kernel for the time. Shells read it once per wake-up and pass it on; engines
// never call it, so that every behaviour can be tested with virtual time.
#pragma once

#include "lib/base/time.hpp"

namespace connectsphere::net {

Time now();           // CLOCK_MONOTONIC: for everything that is scheduled or measured
WallTime wall_now();  // CLOCK_REALTIME: for people and RTCP sender reports only; it may jump

}  // namespace connectsphere::net
