// Values as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "client-gui/text_field.hpp"
#include "lib/client/transcript.hpp"

namespace connectsphere::gui {

std::string size_text(std::uint64_t bytes);  // "1.4 MB"
using client::clock_text;
std::string trimmed(std::string text);           // without blanks around it
std::string initials(const std::string& name);   // at most two characters
std::string find_link(const std::string& text);  // the first http(s) address; empty: none
// A dot for each character; and the byte of the password where a byte of those dots stands.
TextField masked(const TextField& password);
std::size_t unmasked(const TextField& password, std::size_t byte);

}  // namespace connectsphere::gui
