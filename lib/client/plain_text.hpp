// Text that somebody else wrote, on its way to a terminal or into the name of a file.
#pragma once

#include <string>
#include <string_view>

namespace connectsphere::client {

// Well-formed (RFC 3629).
bool is_utf8(std::string_view text);

// With `instead` for what could command a terminal or lie about the order of letters: controls (C0, DEL, C1),
// marks that turn the direction of text, invisible spaces, and bytes that are no UTF-8. All languages and
// emoji stay, and the joiners that these are made with. Line feeds stay where `keeps_lines`.
std::string plain(std::string_view text, char instead, bool keeps_lines = false);

}  // namespace connectsphere::client
