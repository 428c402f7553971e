#include "lib/net/tcp.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "lib/net/socket.hpp"
#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::net;
using connectsphere::test::run_until;

namespace {

Address reachable(int listener, std::string_view host) {
    return *parse_address(host, local_address(listener)->port);
}

bool becomes(Loop& loop, int fd, std::uint32_t events) {
    bool ready = false;
    const Watch watch = loop.watch(fd, events, [&](auto) { ready = true; });
    return run_until(loop, [&] { return ready; });
}

}  // namespace

TEST_CASE("W23: one listener accepts IPv4 and IPv6 and says who came") {
    Loop loop;
    const Fd listener = *listen_tcp(Address{});
    Acceptor acceptor(listener.get());
    for (const auto* host : {"127.0.0.1", "[::1]"}) {
        const auto address = reachable(listener.get(), host);
        const Fd client = *connect_tcp(address);
        REQUIRE(becomes(loop, listener.get(), EPOLLIN));
        const auto accepted = acceptor.accept();
        REQUIRE(accepted);
        CHECK(accepted->peer == *local_address(client.get()));
        REQUIRE(becomes(loop, client.get(), EPOLLOUT));
        CHECK(connect_result(client.get(), address));
        CHECK(*peer_address(client.get()) == address);
    }
    CHECK(acceptor.accept().error().code == Errc::would_block);
}

TEST_CASE("a second listener of a TCP port fails and names the port") {
    const Fd first = *listen_tcp(*parse_address("127.0.0.1", 0));
    const auto address = *local_address(first.get());
    const auto second = listen_tcp(address);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::exists);
    CHECK(second.error().what.find("TCP port " + std::to_string(address.port)) != std::string::npos);
}

TEST_CASE("a port that nobody listens on is unavailable, and the text asks for the server") {
    Address address;
    { address = *local_address(listen_tcp(*parse_address("127.0.0.1", 0))->get()); }
    Loop loop;
    const auto client = connect_tcp(address);
    REQUIRE(client);
    REQUIRE(becomes(loop, client->get(), EPOLLOUT));
    const auto result = connect_result(client->get(), address);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::unavailable);
    CHECK(result.error().what.find(address.text()) != std::string::npos);
}

TEST_CASE("without a descriptor left a connection is refused, and the listener does not stay ready") {
    Loop loop;
    const Fd listener = *listen_tcp(*parse_address("127.0.0.1", 0));
    Acceptor acceptor(listener.get());
    const Fd client = *connect_tcp(*local_address(listener.get()));
    REQUIRE(becomes(loop, listener.get(), EPOLLIN));

    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(client.get()) + 1;
    setrlimit(RLIMIT_NOFILE, &tight);
    const auto refused = acceptor.accept();
    const auto next = acceptor.accept();
    setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::full);
    CHECK(next.error().code == Errc::would_block);
}
