// Addresses as values: one type for IPv4 and IPv6 (IPv4 as ::ffff:a.b.c.d, RFC 4291 section 2.5.5.2),
// comparable, hashable, without a kernel header. A Route is where a datagram came from and which of our
// addresses it came to: the answer leaves from there.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace connectsphere {

struct Address {
    std::array<std::uint8_t, 16> ip{};  // network order
    std::uint16_t port = 0;             // host order
    std::uint32_t scope = 0;            // interface index of a link-local IPv6 address, else 0

    auto operator<=>(const Address&) const = default;
    bool is_ipv4() const;
    bool is_loopback() const;
    std::string text() const;     // "192.0.2.1:9000", "[2001:db8::1]:9000", "[fe80::1%2]:9000"
    std::string ip_text() const;  // the same without brackets and port
};

// A numeric address, "HOST:PORT", "[HOST]:PORT" or HOST alone with `default_port`. Never asks DNS.
Result<Address> parse_address(std::string_view text, std::uint16_t default_port);

struct Route {
    Address peer;   // whom we talk to
    Address local;  // our end; all zero: let the kernel choose. Its port is not used.

    auto operator<=>(const Route&) const = default;
};

}  // namespace connectsphere

template <>
struct std::hash<connectsphere::Address> {
    std::size_t operator()(const connectsphere::Address& address) const noexcept {
        const std::string_view ip(reinterpret_cast<const char*>(address.ip.data()), address.ip.size());
        return std::hash<std::string_view>{}(ip) ^ (std::size_t{address.port} << 16) ^ address.scope;
    }
};
