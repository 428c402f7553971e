#include "lib/client/background.hpp"

#include <sys/resource.h>

namespace connectsphere::client {

void step_back() {
    constexpr int kNice = 5;  // a third of the time of a thread that did not step back
    (void)setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace connectsphere::client
