#include "lib/net/tcp.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>

#include "lib/net/socket.hpp"

namespace connectsphere::net {

namespace {

constexpr int kBacklog = 1024;  // the kernel caps it at net.core.somaxconn
constexpr int kProbes = 3;

Fd open_reserve() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// These belong to the connection that was waiting, not to the listener (accept(2)): take the next one.
bool is_gone(int number) {
    switch (number) {
        case EINTR:
        case ECONNABORTED:
        case EPROTO:
        case ENETDOWN:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ENONET:
            return true;
        default:
            return false;
    }
}

Error connect_error(const Address& address, int number) {
    if (number == ECONNREFUSED)
        return Error{Errc::unavailable, "nobody listens on " + address.text() + ": is the server running?"};
    if (number == ETIMEDOUT) return Error{Errc::timed_out, "no answer from " + address.text()};
    if (number == EHOSTUNREACH || number == ENETUNREACH)
        return Error{Errc::unavailable, "no way to " + address.text()};
    return last_error("connect to " + address.text(), number);
}

}  // namespace

Result<Fd> listen_tcp(const Address& address) {
    auto fd = open_socket(address, SOCK_STREAM);
    if (!fd) return fd;
    set_option(fd->get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (const auto bound = bind_socket(fd->get(), address, "TCP"); !bound) return bound.error();
    // Two sockets with SO_REUSEADDR may share an address until one listens: that one has the port.
    if (::listen(fd->get(), kBacklog) < 0) {
        if (errno != EADDRINUSE) return last_error("listen");
        return port_in_use("TCP", address.port);
    }
    return fd;
}

// A listener that comes from systemd or another process may still be a blocking one.
Acceptor::Acceptor(int listener) : listener_(listener), reserve_(open_reserve()) {
    fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
}

Result<Accepted> Acceptor::accept() {
    for (;;) {
        SocketAddress peer;
        peer.size = sizeof peer.storage;
        Fd fd(::accept4(listener_, peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
            return Accepted{.fd = std::move(fd), .peer = from_sockaddr(peer.storage)};
        }
        const int number = errno;
        if (is_gone(number)) continue;
        if (number == EAGAIN || number == EWOULDBLOCK) return Error{Errc::would_block, "accept"};
        if (number != EMFILE && number != ENFILE) return last_error("accept", number);
        if (!refuse_one()) return Error{Errc::would_block, "accept"};
        return Error{Errc::full, "no file descriptor left for a connection: raise LimitNOFILE"};
    }
}

// The kernel asks for a descriptor before it looks whether anybody waits, so there may be nobody.
bool Acceptor::refuse_one() {
    reserve_.reset();
    const bool refused = static_cast<bool>(Fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)));
    reserve_ = open_reserve();
    return refused;
}

Result<Fd> connect_tcp(const Address& address) {
    auto fd = open_socket(address, SOCK_STREAM);
    if (!fd) return fd;
    set_option(fd->get(), IPPROTO_TCP, TCP_NODELAY, 1);
    const auto name = to_sockaddr(address, socket_family(fd->get()));
    if (::connect(fd->get(), name.get(), name.size) < 0 && errno != EINPROGRESS)
        return connect_error(address, errno);
    return fd;
}

Result<void> connect_result(int fd, const Address& address) {
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0) return last_error("getsockopt");
    if (number != 0) return connect_error(address, number);
    return {};
}

void detect_dead_peer(int fd, std::chrono::seconds idle, std::chrono::seconds unacknowledged) {
    const auto interval = std::max<std::chrono::seconds>(unacknowledged / kProbes, 1s);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle.count()));
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(interval.count()));
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
    const std::chrono::milliseconds limit = unacknowledged;
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(limit.count()));
}

}  // namespace connectsphere::net
