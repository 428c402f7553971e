// What the Tab key does: commands at the front of a line, names where a name may stand. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace connectsphere::cli {

struct Completion {
    std::size_t erase = 0;  // bytes before the cursor that `insert` replaces
    std::string insert;
    std::vector<std::string> choices;  // when there are several
};

// `before` is the line up to the cursor. Names are found whatever the case of their ASCII letters.
Completion complete(std::string_view before, const std::vector<std::string>& names);

}  // namespace connectsphere::cli
