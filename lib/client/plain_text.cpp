#include "lib/client/plain_text.hpp"

#include <algorithm>
#include <cstdint>

namespace connectsphere::client {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The length of the well-formed sequence at the front, 0 where there is none.
std::size_t sequence_length(std::string_view text, std::uint32_t& code_point) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4 || length > text.size()) return 0;
    code_point = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return 0;
        code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool is_overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
    const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
    return is_overlong || is_surrogate || code_point > 0x10FFFF ? 0 : length;
}

// U+200C and U+200D join and part letters: Persian words and families of emoji need them.
bool is_harmful(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200B || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

bool is_utf8(std::string_view text) {
    std::uint32_t code_point = 0;
    while (!text.empty()) {
        const auto length = sequence_length(text, code_point);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string plain(std::string_view text, char instead, bool keeps_lines) {
    std::string out;
    while (!text.empty()) {
        std::uint32_t code_point = 0;
        const auto length = sequence_length(text, code_point);
        const bool stays = length > 0 && (!is_harmful(code_point) || (keeps_lines && text[0] == '\n'));
        if (stays) {
            out += text.substr(0, length);
        } else {
            out += instead;
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

}  // namespace connectsphere::client
