#include "tests/bench/load/tls_floor.hpp"

#include <memory>
#include <vector>

#include "lib/net/certificate.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls.hpp"

namespace connectsphere::bench {

namespace {

int serve(int listener, TlsFloor::To to) {
    net::Loop loop;
    const auto identity = net::make_self_signed({.names = {"floor"}, .addresses = {}});
    const auto tls = net::TlsContext::server(*identity);
    std::vector<std::unique_ptr<net::TlsConnection>> connections;
    net::Acceptor acceptor(listener);
    const auto watch = loop.watch(listener, EPOLLIN, [&](auto) {
        for (auto accepted = acceptor.accept(); accepted; accepted = acceptor.accept()) {
            auto& place = connections.emplace_back(std::make_unique<net::TlsConnection>());
            auto* connection = place.get();
            const auto pass_on = [&connections, connection, to](Bytes bytes) {
                if (to == TlsFloor::To::sender) return (void)connection->send(bytes);
                for (auto& one : connections) (void)one->send(bytes);
            };
            *connection =
                net::TlsConnection(loop, *tls, std::move(accepted->fd), accepted->peer,
                                   {.on_open = [] {}, .on_bytes = pass_on, .on_close = [](const Error&) {}});
        }
    });
    loop.run();
    return 0;
}

net::Fd listen() {
    auto listener = net::listen_tcp(*parse_address("127.0.0.1:0", 0));
    if (!listener) give_up(listener.error().what);
    return std::move(*listener);
}

}  // namespace

TlsFloor::TlsFloor(To to)
    : listener_(listen()),
      address_(*net::local_address(listener_.get())),
      server_([this, to] { return serve(listener_.get(), to); }) {}

}  // namespace connectsphere::bench
