// connectsphere join: one participant in one room, until it leaves.
#pragma once

#include "client-cli/options.hpp"

namespace connectsphere::cli {

int join(const JoinOptions& options);

}  // namespace connectsphere::cli
