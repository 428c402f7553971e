#include "lib/base/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace connectsphere {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

template <class Number>
bool parse_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

Result<Address> parse_host(std::string_view host) {
    Address address;
    if (const auto percent = host.find('%'); percent != std::string_view::npos) {
        if (!parse_number(host.substr(percent + 1), address.scope))
            return Error{Errc::malformed, "address zone"};
        host = host.substr(0, percent);
    }
    const std::string text(host == "localhost" ? "127.0.0.1" : host);
    if (inet_pton(AF_INET6, text.c_str(), address.ip.data()) == 1) return address;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.ip.begin());
    if (inet_pton(AF_INET, text.c_str(), address.ip.data() + 12) == 1) return address;
    return Error{Errc::malformed, "address " + text};
}

}  // namespace

bool Address::is_ipv4() const { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin()); }

bool Address::is_loopback() const {
    if (is_ipv4()) return ip[12] == 127;
    return std::all_of(ip.begin(), ip.end() - 1, [](auto byte) { return byte == 0; }) && ip[15] == 1;
}

std::string Address::ip_text() const {
    char text[INET6_ADDRSTRLEN] = {};
    if (is_ipv4()) {
        inet_ntop(AF_INET, ip.data() + 12, text, sizeof text);
        return text;
    }
    inet_ntop(AF_INET6, ip.data(), text, sizeof text);
    return scope != 0 ? std::string(text) + "%" + std::to_string(scope) : std::string(text);
}

std::string Address::text() const {
    const auto host = ip_text();
    return (is_ipv4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return Error{Errc::malformed, "address without ']'"};
        host = text.substr(1, close - 1);
        if (close + 1 < text.size()) {
            if (text[close + 1] != ':') return Error{Errc::malformed, "address after ']'"};
            port = text.substr(close + 2);
            if (port.empty()) return Error{Errc::malformed, "port"};
        }
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos && text.rfind(':') == colon) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) return Error{Errc::malformed, "port"};
    }
    auto address = parse_host(host);
    if (!address) return address;
    address->port = default_port;
    if (!port.empty() && !parse_number(port, address->port))
        return Error{Errc::malformed, "port " + std::string(port)};
    return address;
}

}  // namespace connectsphere
