// UDP in batches: what waits is read with one recvmmsg (and UDP_GRO), a whole DatagramBatch leaves with as
// few calls as the kernel allows (UDP_SEGMENT for a burst to one receiver, sendmmsg for the rest). Each
// datagram says which of our addresses it came to, and an answer along its Route leaves from there
// (IP_PKTINFO). Nothing is allocated after construction.
//
//     UdpSocket socket(*bind_udp(address));
//     Watch readable = loop.watch(socket.fd(), EPOLLIN, [&](auto) {
//         for (const Datagram& datagram : socket.receive(now())) engine.on_datagram(datagram, batch);
//         socket.send(batch);
//     });
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/datagram.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::net {

// A dual-stack socket at `address` (all zero: any). Never SO_REUSEADDR or SO_REUSEPORT: a second binder would
// silently take the packets of the first; instead it gets Errc::exists and the port in the text.
Result<Fd> bind_udp(const Address& address);

// Totals since the socket was opened, for metrics.
struct UdpCounters {
    std::uint64_t received_datagrams = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_datagrams = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t oversized = 0;      // longer than kMaxDatagramAccepted: dropped
    std::uint64_t truncated = 0;      // longer than any buffer: dropped
    std::uint64_t discarded = 0;      // by drain()
    std::uint64_t send_dropped = 0;   // the socket's send buffer was full
    std::uint64_t send_failed = 0;    // the kernel refused: no route, for instance
    std::uint64_t receive_calls = 0;  // that brought something; datagrams per call say how well batches work
    std::uint64_t send_calls = 0;
};

class UdpSocket {
  public:
    explicit UdpSocket(Fd fd);         // owns
    explicit UdpSocket(int borrowed);  // does not close
    ~UdpSocket();
    UdpSocket(UdpSocket&&) noexcept;
    UdpSocket& operator=(UdpSocket&&) noexcept;

    // What waits, at most one batch; empty when nothing does. The payloads are writable, and valid until the
    // next call. `now` is the time of the call: each datagram's own is earlier, by what it waited in the
    // kernel.
    std::span<Datagram> receive(Time now);
    bool may_have_more() const;  // the newest receive() took as much as one call can

    // Sends everything, in order. When the send buffer is full the rest is dropped and counted: media that
    // waits is worth less than media that is lost.
    void send(const DatagramBatch& batch);
    void send(const Route& route, Bytes payload);

    // Throws away what waited before we came: after borrowing a socket, the past is of no use.
    void drain();

    int fd() const { return fd_; }
    const UdpCounters& counters() const { return counters_; }
    std::uint64_t kernel_drops() const;  // datagrams that found the receive buffer full (asks the kernel)

  private:
    struct Inbox;
    struct Outbox;

    void split(std::size_t slot, std::size_t size, Time now, Duration wall);
    std::size_t group_at(const DatagramBatch& batch, std::size_t first) const;
    bool flush(const DatagramBatch& batch);
    bool send_singly(const DatagramBatch& batch, std::size_t group);

    Fd owned_;
    int fd_;
    bool is_ipv4_;  // the fallback of a machine without IPv6
    bool segments_ = true;
    UdpCounters counters_;
    std::unique_ptr<Inbox> inbox_;
    std::unique_ptr<Outbox> outbox_;
};

}  // namespace connectsphere::net
