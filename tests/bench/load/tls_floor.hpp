// The floor of everything that travels over TLS: a bare server in a process of its own, which sends what
// comes back to its sender, or on to everybody who is connected.
#pragma once

#include "lib/base/address.hpp"
#include "lib/net/fd.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

class TlsFloor {
  public:
    enum class To { sender, everybody };

    explicit TlsFloor(To to);  // call it before a loop or a thread is made
    const Address& address() const { return address_; }

  private:
    net::Fd listener_;
    Address address_;
    Child server_;
};

}  // namespace connectsphere::bench
