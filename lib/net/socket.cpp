#include "lib/net/socket.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace connectsphere::net {

namespace {

// The kernel's view of the bytes is defined to be the storage itself, so these copy instead of casting.
template <class Kind>
SocketAddress pack(const Kind& kind) {
    SocketAddress packed;
    std::memcpy(&packed.storage, &kind, sizeof kind);
    packed.size = sizeof kind;
    return packed;
}

template <class Kind>
Kind unpack(const sockaddr_storage& storage) {
    Kind kind;
    std::memcpy(&kind, &storage, sizeof kind);
    return kind;
}

bool is_unspecified(const Address& address) {
    return std::all_of(address.ip.begin(), address.ip.end(), [](auto byte) { return byte == 0; });
}

template <class Ask>
Result<Address> ask_address(int fd, Ask ask, const char* call) {
    SocketAddress address;
    address.size = sizeof address.storage;
    if (ask(fd, address.get(), &address.size) < 0) return last_error(call);
    return from_sockaddr(address.storage);
}

}  // namespace

SocketAddress to_sockaddr(const Address& address, int family) {
    const bool fits = address.is_ipv4() || is_unspecified(address);
    if (family == AF_INET && fits) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        std::memcpy(&v4.sin_addr, address.ip.data() + 12, 4);
        return pack(v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = address.scope;
    std::memcpy(&v6.sin6_addr, address.ip.data(), address.ip.size());
    return pack(v6);
}

Address from_sockaddr(const sockaddr_storage& storage) {
    Address address;
    if (storage.ss_family == AF_INET) {
        const auto v4 = unpack<sockaddr_in>(storage);
        address.port = ntohs(v4.sin_port);
        address.ip[10] = address.ip[11] = 0xFF;
        std::memcpy(address.ip.data() + 12, &v4.sin_addr, 4);
    } else if (storage.ss_family == AF_INET6) {
        const auto v6 = unpack<sockaddr_in6>(storage);
        address.port = ntohs(v6.sin6_port);
        address.scope = v6.sin6_scope_id;
        std::memcpy(address.ip.data(), &v6.sin6_addr, address.ip.size());
    }
    return address;
}

Result<Fd> open_socket(const Address& address, int type) {
    const int flags = type | SOCK_NONBLOCK | SOCK_CLOEXEC;
    Fd fd(::socket(AF_INET6, flags, 0));
    if (fd) {
        set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
        return fd;
    }
    if (errno != EAFNOSUPPORT || !(address.is_ipv4() || is_unspecified(address))) return last_error("socket");
    fd.reset(::socket(AF_INET, flags, 0));
    if (!fd) return last_error("socket");
    return fd;
}

Result<void> bind_socket(int fd, const Address& address, std::string_view protocol) {
    const auto name = to_sockaddr(address, socket_family(fd));
    if (::bind(fd, name.get(), name.size) == 0) return {};
    const int number = errno;
    const auto port = std::string(protocol) + " port " + std::to_string(address.port);
    switch (number) {
        case EADDRINUSE:
            return port_in_use(protocol, address.port);
        case EADDRNOTAVAIL:
            return Error{Errc::usage,
                         address.ip_text() + " is not an address of this machine (" + port + ")"};
        case EACCES:
            return Error{Errc::system, port + " needs privileges: choose a port above 1023"};
        default:
            return last_error("bind " + port, number);
    }
}

Error port_in_use(std::string_view protocol, std::uint16_t port) {
    return Error{Errc::exists, std::string(protocol) + " port " + std::to_string(port) +
                                   " is already in use: stop the program that has it ('ss -lnp' names it) or "
                                   "configure another port"};
}

int socket_family(int fd) {
    int family = AF_INET6;
    socklen_t size = sizeof family;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family;
}

Result<Address> local_address(int fd) { return ask_address(fd, ::getsockname, "getsockname"); }

Result<Address> peer_address(int fd) { return ask_address(fd, ::getpeername, "getpeername"); }

void set_option(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace connectsphere::net
