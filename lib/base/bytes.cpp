#include "lib/base/bytes.hpp"

#include <algorithm>

namespace connectsphere {

std::string to_hex(Bytes bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        hex.push_back(kDigits[byte >> 4]);
        hex.push_back(kDigits[byte & 15]);
    }
    return hex;
}

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Buffer from_hex(std::string_view hex) {
    Buffer bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0) break;
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

bool equal_constant_time(Bytes a, Bytes b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
    return difference == 0;
}

void Writer::bytes(Bytes bytes) {
    if (!claim(bytes.size())) return;
    std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
}

void Writer::zeros(std::size_t count) {
    if (!claim(count)) return;
    std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(used_), count, std::uint8_t{0});
    used_ += count;
}

}  // namespace connectsphere
