// What is to be shared, made into a source of pixels.
#pragma once

#include <memory>

#include "lib/client/screen_source.hpp"
#include "lib/client/share_target.hpp"

namespace connectsphere::client {

// `rate` is that of an input, as open_screen_input() has it.
Result<std::unique_ptr<ScreenSource>> open_share(const ShareTarget& target, double rate = 0);

}  // namespace connectsphere::client
