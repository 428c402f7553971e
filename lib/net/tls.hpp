// TLS 1.3 over a nonblocking socket of the loop: bytes in by a callback, bytes out through a bounded buffer.
//
//     TlsConnection connection(loop, context, std::move(fd), peer,
//                              {.on_open = …, .on_bytes = …, .on_close = …});
//     if (!connection.send(bytes)) …            // full: the owner decides (drop, wait for on_drained, close)
//
// The connection may be destroyed at any moment, also from within its callbacks: that is the hard close. How
// long a handshake or a silence may last is the owner's to decide: keep a Timer beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/net/certificate.hpp"
#include "lib/net/fd.hpp"
#include "lib/net/loop.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX: its headers stay in openssl.hpp

namespace connectsphere::net {

// What connections have in common. Connections keep what they need of it, so it may be replaced (rotation of
// the certificate) while they live. Making one sets SIGPIPE to be ignored: a broken pipe is an error like
// others.
class TlsContext {
  public:
    static Result<TlsContext> server(const CertificateAndKey& identity);

    // Takes any certificate in the handshake. There is no authority on a LAN: on_open compares
    // peer_fingerprint() with the pinned one, before anything is sent.
    static Result<TlsContext> client();

    bool is_server() const { return is_server_; }

  private:
    friend class TlsConnection;
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };
    TlsContext(ssl_ctx_st* context, bool is_server) : context_(context), is_server_(is_server) {}

    std::unique_ptr<ssl_ctx_st, Free> context_;
    bool is_server_;
};

class TlsConnection : public LoopHandle {
  public:
    struct Handlers {
        std::function<void()> on_open;               // the handshake is done
        std::function<void(Bytes)> on_bytes;         // at most 64 KiB a call; valid during the call
        std::function<void(const Error&)> on_close;  // last call; never from within send() or close()
        std::function<void()> on_drained = nullptr;  // all that was sent has been given to the kernel
        // Where what comes is to be written, so that nobody has to copy it: on_bytes is given the front of
        // it.
        std::function<MutableBytes()> space = nullptr;
    };

    static constexpr std::size_t kDefaultLimit = 1 << 20;

    TlsConnection() = default;
    // `fd` was accepted, or is being connected to `peer`. `limit` bounds the bytes that wait to be sent.
    TlsConnection(Loop& loop, const TlsContext& context, Fd fd, const Address& peer, Handlers handlers,
                  std::size_t limit = kDefaultLimit);

    // Queues all or nothing. What is sent within one iteration of the loop leaves together at its end; what
    // is sent before on_open, after it. Errc::full beyond the limit, Errc::closed after the end.
    Result<void> send(Bytes bytes);
    // What was sent leaves now: the owner has more to do in this turn than others want to wait for.
    void flush();

    // As send, but takes no more than need not wait here: what the kernel takes at once, a record that it
    // refused, what is less than a record. Returns how many bytes those are, from the front; on_open and
    // on_drained tell when to offer the others.
    Result<std::size_t> offer(Bytes bytes);
    std::size_t buffered() const;

    // Sends what is queued, says goodbye (close_notify), and reports on_close when the peer has answered.
    // Bytes that still come in are thrown away. An owner that does not want to wait destroys the connection
    // later.
    void close();

    // The owner can not take more: leave the bytes in the kernel, so that the peer slows down.
    void pause();
    void resume();

    bool is_open() const;
    const Address& peer() const;
    std::string peer_fingerprint() const;  // of a server, from on_open on; empty when there is none

  private:
    struct Core;
    Core& core() const;
    bool can_send() const;
};

}  // namespace connectsphere::net
