// Values as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "client-gui/text_field.hpp"

namespace connectsphere::gui {

std::string size_text(std::uint64_t bytes);      // "1.4 MB"
std::string clock_text(std::uint64_t unix_ms);   // "14:05", local time
std::string initials(const std::string& name);   // at most two characters
std::string find_link(const std::string& text);  // the first http(s) address; empty: none
TextField masked(const TextField& password);     // a dot for each character

}  // namespace connectsphere::gui
