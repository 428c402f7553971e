#include "lib/client/resolve.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

#include "lib/net/socket.hpp"

namespace connectsphere::client {

Result<Address> resolve(const std::string& server, std::uint16_t default_port) {
    if (auto address = parse_address(server, default_port)) return address;
    auto host = server;
    auto port = default_port;
    if (const auto colon = server.rfind(':'); colon != std::string::npos && server.find(':') == colon) {
        const auto numeric = parse_address("0.0.0.0" + server.substr(colon), default_port);
        if (!numeric) return Error{Errc::usage, "\"" + server + "\" is no HOST:PORT"};
        host = server.substr(0, colon);
        port = numeric->port;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found); failure != 0) {
        return Error{Errc::not_found,
                     "no machine is known as \"" + host + "\" (" + gai_strerror(failure) + ")"};
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
    char numeric[NI_MAXHOST] = {};
    if (getnameinfo(found->ai_addr, found->ai_addrlen, numeric, sizeof numeric, nullptr, 0, NI_NUMERICHOST) !=
        0) {
        return Error{Errc::not_found, "\"" + host + "\" has no address"};
    }
    return parse_address(numeric, port);
}

}  // namespace connectsphere::client
