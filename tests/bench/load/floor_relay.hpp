// The floor of a relay: the least that has to happen when every receiver has a key of its own, on real
// sockets, and nothing is decided. Receive, open once, seal once per receiver, send. AES-GCM is OpenSSL's.
#pragma once

#include <vector>

#include "lib/base/address.hpp"
#include "lib/net/fd.hpp"
#include "lib/wire/srtp.hpp"

namespace connectsphere::bench {

struct FloorRelay {
    // Packet by packet with recv and sendto; what waits with recvmmsg and sendmmsg; or whole bursts with
    // UDP_GRO and UDP_SEGMENT.
    enum class How { single, batch, burst };
    struct Receiver {
        wire::SrtpKey key;
        Address address;  // IPv4
    };

    How how;
    bool is_clear;   // what comes goes on as it is: the kernel's part alone
    net::Fd socket;  // IPv4, bound
    wire::SrtpKey from_sender;
    std::vector<Receiver> receivers;
};

net::Fd bind_floor_socket();

// Serves until it is killed.
int run_floor_relay(FloorRelay relay);

}  // namespace connectsphere::bench
