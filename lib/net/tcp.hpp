// TCP sockets: nonblocking, dual-stack, without Nagle's delay. What travels on them is TLS (tls.hpp).
#pragma once

#include <chrono>

#include "lib/base/address.hpp"
#include "lib/base/time.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::net {

// SO_REUSEADDR is right for a TCP listener: it gets past connections in TIME_WAIT and, other than for UDP,
// never past another listener. A taken port is Errc::exists and named in the text.
Result<Fd> listen_tcp(const Address& address);

struct Accepted {
    Fd fd;
    Address peer;
};

// Takes the connections of a borrowed listener.
class Acceptor {
  public:
    explicit Acceptor(int listener);

    // The next waiting connection; Errc::would_block when there is none. Errc::full when the process has no
    // descriptor left: that connection was then closed, so that the listener does not stay readable.
    Result<Accepted> accept();

  private:
    bool refuse_one();

    int listener_;
    Fd reserve_;  // given up for a moment to get rid of a connection that we have no descriptor for
};

// Starts to connect. The socket becomes writable when that is over; then ask connect_result.
Result<Fd> connect_tcp(const Address& address);
Result<void> connect_result(int fd, const Address& address);

// Notices a peer that vanished without a word: probes after `idle` of silence, and gives up (ETIMEDOUT) when
// probes or data stay unacknowledged for `unacknowledged`.
void detect_dead_peer(int fd, std::chrono::seconds idle, std::chrono::seconds unacknowledged);

}  // namespace connectsphere::net
