// The control messages beside a datagram (cmsg(3)): the address of ours that it came to or leaves from, its
// time of arrival, and the size of the datagrams within a train. For udp.cpp only.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/base/address.hpp"
#include "lib/base/time.hpp"

namespace connectsphere::net {

struct alignas(cmsghdr) Control : std::array<std::byte, 256> {};

// What the kernel says about one received message beside its bytes.
struct Arrival {
    Address local;
    std::size_t segment = 0;  // bytes of each datagram of a GRO train; 0: a single one
    Duration wall{};          // CLOCK_REALTIME of its arrival; 0: unknown
};

Arrival read_control(msghdr& header);

// Appends control messages to a header, in a Control that is zero or was used for the same before.
class ControlWriter {
  public:
    ControlWriter(msghdr& header, Control& buffer);
    void source(const Address& local, bool is_ipv4_socket);  // nothing when all zero: the kernel chooses
    void segment(std::uint16_t size);                        // cut the payload into datagrams of `size` bytes

  private:
    template <class Value>
    void add(int level, int type, const Value& value);

    msghdr& header_;
};

}  // namespace connectsphere::net
