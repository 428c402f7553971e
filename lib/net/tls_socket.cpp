#include "lib/net/tls_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "lib/net/socket.hpp"

namespace connectsphere::net {

namespace {

bool is_for_later(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == EINTR; }

}  // namespace

// OpenSSL's interface of what it reads and writes: a BIO.
struct TlsSocketBio {
    static TlsSocket& socket_of(BIO* bio) { return *static_cast<TlsSocket*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* out, int size) {
        BIO_clear_retry_flags(bio);
        const auto got = socket_of(bio).read(
            {reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(std::max(size, 0))});
        if (got < 0 && is_for_later(errno)) BIO_set_retry_read(bio);
        return static_cast<int>(got);
    }
    static int write(BIO* bio, const char* bytes, int size) {
        BIO_clear_retry_flags(bio);
        const auto put = socket_of(bio).write(
            as_bytes(std::string_view(bytes, static_cast<std::size_t>(std::max(size, 0)))));
        if (put < 0 && is_for_later(errno)) BIO_set_retry_write(bio);
        return static_cast<int>(put);
    }
    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_EOF) return socket_of(bio).is_at_end_ ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }
    static int begin(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }
    static BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
            if (!method) throw std::bad_alloc();
            BIO_meth_set_read(method, read);
            BIO_meth_set_write(method, write);
            BIO_meth_set_ctrl(method, control);
            BIO_meth_set_create(method, begin);
            return method;
        }();
        return made;
    }
};

void TlsSocket::attach_to(SSL* session) {
    BIO* bio = BIO_new(TlsSocketBio::method());
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio, this);
    SSL_set_bio(session, bio, bio);
}

long TlsSocket::read(MutableBytes out) {
    if (ahead_ == 0) return receive(out);
    const auto count = std::min(ahead_, out.size());
    std::copy_n(header_.begin(), count, out.begin());
    std::copy(header_.begin() + static_cast<std::ptrdiff_t>(count), header_.end(), header_.begin());
    ahead_ -= count;
    return static_cast<long>(count);
}

long TlsSocket::receive(MutableBytes out) {
    if (is_drained_) {
        errno = EAGAIN;
        return -1;
    }
    // More than a header is the rest of a record.
    const std::size_t beyond = out.size() > kHeader ? kHeader : 0;
    std::array<iovec, 2> parts{
        {{.iov_base = out.data(), .iov_len = out.size()}, {.iov_base = header_.data(), .iov_len = beyond}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = beyond > 0 ? 2 : 1;
    const auto got = recvmsg(fd_, &message, 0);
    if (got < 0) return got;
    is_at_end_ = got == 0;
    const auto count = static_cast<std::size_t>(got);
    is_drained_ = count < out.size() + beyond;
    ahead_ = count - std::min(count, out.size());
    return static_cast<long>(count - ahead_);
}

long TlsSocket::write(Bytes bytes) {
    const auto put = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | (is_held_ ? MSG_MORE : 0));
    if (put > 0) has_held_ = is_held_;
    return put;
}

// Turning Nagle's delay off once more makes the kernel send what it holds.
void TlsSocket::push() {
    is_held_ = false;
    if (std::exchange(has_held_, false)) set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace connectsphere::net
