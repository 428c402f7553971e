// What UDP and TCP sockets share: Address to sockaddr and back, and the dual-stack socket that serves IPv4
// and IPv6 together (IPV6_V6ONLY off; IPv4 only on a machine without IPv6).
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string_view>

#include "lib/base/address.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::net {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// `family` is that of the socket: AF_INET6, or AF_INET for the fallback.
SocketAddress to_sockaddr(const Address& address, int family);
Address from_sockaddr(const sockaddr_storage& storage);

// A nonblocking socket that can talk to `address`, not yet bound. `type` is SOCK_DGRAM or SOCK_STREAM.
Result<Fd> open_socket(const Address& address, int type);

// Binds, or says what a person can do about it: Errc::exists when the port is taken.
Result<void> bind_socket(int fd, const Address& address, std::string_view protocol);
Error port_in_use(std::string_view protocol, std::uint16_t port);

int socket_family(int fd);
Result<Address> local_address(int fd);
Result<Address> peer_address(int fd);
void set_option(int fd, int level, int option, int value);  // best effort

}  // namespace connectsphere::net
