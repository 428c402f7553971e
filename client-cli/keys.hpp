// The bytes of a terminal as whole keys: a character in UTF-8, a control character, an escape sequence. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace connectsphere::cli {

// How many bytes the first key has; 0: it is not complete yet. A lone Escape is never complete: whoever waits
// for it decides when nothing more will come.
std::size_t first_key(std::string_view bytes);

}  // namespace connectsphere::cli
