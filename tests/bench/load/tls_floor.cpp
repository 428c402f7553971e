#include "tests/bench/load/tls_floor.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "lib/net/certificate.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls.hpp"

namespace connectsphere::bench {

namespace {

constexpr std::size_t kBulk = 256 << 10;  // bytes given to TLS at once

// One connection that moves bulk.
class Bulk {
  public:
    Bulk(net::TlsConnection& connection, TlsFloor::To to) : connection_(connection), to_(to) {}

    void on_bytes(Bytes bytes) {
        if (!is_begun_) {
            Reader reader(bytes);
            left_ = reader.u64();
            bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 8));
            is_begun_ = true;
        }
        if (to_ == TlsFloor::To::source) return push();
        left_ -= bytes.size();
        if (left_ == 0) (void)connection_.send(Bytes(block_).first(1));
    }
    void push() {
        while (to_ == TlsFloor::To::source && left_ > 0 && connection_.buffered() == 0) {
            const auto part = Bytes(block_).first(std::min<std::uint64_t>(left_, kBulk));
            if (!connection_.send(part)) return;
            left_ -= part.size();
        }
    }

  private:
    net::TlsConnection& connection_;
    TlsFloor::To to_;
    Buffer block_ = Buffer(kBulk);
    bool is_begun_ = false;
    std::uint64_t left_ = 0;
};

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
            const auto bulk = std::make_shared<Bulk>(*connection, to);  // shared by two handlers
            const auto pass_on = [&connections, connection, to, bulk](Bytes bytes) {
                if (to == TlsFloor::To::sink || to == TlsFloor::To::source) return bulk->on_bytes(bytes);
                if (to == TlsFloor::To::sender) return (void)connection->send(bytes);
                for (auto& one : connections) (void)one->send(bytes);
            };
            *connection = net::TlsConnection(loop, *tls, std::move(accepted->fd), accepted->peer,
                                             {.on_open = [] {},
                                              .on_bytes = pass_on,
                                              .on_close = [](const Error&) {},
                                              .on_drained = [bulk] { bulk->push(); }});
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
