// The floor of everything that travels over TLS: a bare server in a process of its own, which sends what
// comes back to its sender, or on to everybody who is connected; or which moves bulk one way, from memory or
// to nowhere: a connection then begins with 8 bytes, how many are to come (big-endian), and `sink` answers
// with one byte when it has them.
#pragma once

#include "lib/base/address.hpp"
#include "lib/net/fd.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

class TlsFloor {
  public:
    enum class To { sender, everybody, sink, source };

    explicit TlsFloor(To to);  // call it before a loop or a thread is made
    const Address& address() const { return address_; }
    int pid() const { return server_.pid(); }

  private:
    net::Fd listener_;
    Address address_;
    Child server_;
};

}  // namespace connectsphere::bench
