#include "client-cli/keys.hpp"

#include <algorithm>

namespace connectsphere::cli {

namespace {

constexpr char kEscape = '\033';
constexpr std::size_t kLongestSequence = 32;  // beyond it the bytes are no key

// ECMA-48 section 5.4: parameters and intermediates from 0x20 to 0x3F, then one final byte.
std::size_t control_sequence(std::string_view bytes) {
    for (std::size_t i = 2; i < bytes.size(); ++i) {
        if (bytes[i] >= 0x40 && bytes[i] <= 0x7E) return i + 1;
        if (i >= kLongestSequence) return i + 1;
    }
    return 0;
}

std::size_t utf8_size(unsigned char first) {
    if (first >= 0xF0 && first < 0xF8) return 4;
    if (first >= 0xE0) return first < 0xF0 ? 3 : 1;
    return first >= 0xC0 ? 2 : 1;
}

}  // namespace

std::size_t first_key(std::string_view bytes) {
    if (bytes.empty()) return 0;
    if (bytes[0] != kEscape) {
        const auto size = utf8_size(static_cast<unsigned char>(bytes[0]));
        return bytes.size() < size ? 0 : size;
    }
    if (bytes.size() < 2) return 0;
    if (bytes[1] == '[') return control_sequence(bytes);
    if (bytes[1] == 'O') return bytes.size() < 3 ? 0 : 3;
    if (bytes[1] == kEscape) return 1;
    const auto rest = first_key(bytes.substr(1));  // Alt and a key
    return rest == 0 ? 0 : 1 + rest;
}

}  // namespace connectsphere::cli
