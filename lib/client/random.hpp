// The kernel's random bytes.
#pragma once

#include <sys/random.h>

#include "lib/base/bytes.hpp"

namespace connectsphere::client {

inline void random_bytes(MutableBytes out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto count = getrandom(out.data() + done, out.size() - done, 0);
        if (count > 0) done += static_cast<std::size_t>(count);
    }
}

}  // namespace connectsphere::client
