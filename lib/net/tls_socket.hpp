// How OpenSSL reads and writes the socket of a TlsConnection. OpenSSL's own way asks the kernel twice for
// each record, for its header and for the rest, and sends each in a packet of its own. Here
// - the header of the next record comes with the rest of this one;
// - a read that found less than it had room for is the last one, until epoll says that there is more;
// - records that are written one after another fill packets together, until push().
#pragma once

#include <array>
#include <cstdint>

#include "lib/net/openssl.hpp"

namespace connectsphere::net {

class TlsSocket {
  public:
    explicit TlsSocket(int fd) : fd_(fd) {}

    void attach_to(SSL* session);  // which it must outlive

    void on_readable() { is_drained_ = false; }
    void hold() { is_held_ = true; }  // what is written from now on need not leave before push()
    void push();

  private:
    friend struct TlsSocketBio;                // what OpenSSL calls
    static constexpr std::size_t kHeader = 5;  // of a record (RFC 8446 section 5.1)

    // As recv(2) and send(2), with -1 and errno.
    long read(MutableBytes out);
    long receive(MutableBytes out);
    long write(Bytes bytes);

    int fd_;
    std::array<std::uint8_t, kHeader> header_{};
    std::size_t ahead_ = 0;  // bytes in header_ that were read ahead
    bool is_drained_ = false;
    bool is_at_end_ = false;
    bool is_held_ = false;
    bool has_held_ = false;  // something that was written since the last push()
};

}  // namespace connectsphere::net
