// Random bytes from OpenSSL's generator: for keys, tokens and instance ids. Engines get it as an Entropy.
#pragma once

#include <cstdint>

#include "lib/base/bytes.hpp"

namespace connectsphere {

void fill_random(MutableBytes out);  // throws where the generator has no entropy: nothing would be safe
std::uint64_t random_id();           // never 0

}  // namespace connectsphere
