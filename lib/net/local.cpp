#include "lib/net/local.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>

namespace connectsphere::net {

namespace {

constexpr int kBacklog = 64;
constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

struct alignas(cmsghdr) FdControl : std::array<std::byte, CMSG_SPACE(kMaxFdsPerMessage * sizeof(int))> {};

Result<sockaddr_un> local_name(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof name.sun_path)
        return Error{Errc::usage, "socket path of more than 107 bytes: " + path};
    std::memcpy(name.sun_path, path.data(), path.size());
    return name;
}

const sockaddr* generic(const sockaddr_un& name) { return reinterpret_cast<const sockaddr*>(&name); }

Fd local_socket() { return Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

Error io_error(std::string_view call, int number) {
    if (number == EAGAIN || number == EWOULDBLOCK) return Error{Errc::would_block, std::string(call)};
    if (number == EPIPE || number == ECONNRESET || number == ENOTCONN)
        return Error{Errc::closed, "by the other process"};
    if (number == EMSGSIZE) return Error{Errc::oversized, "message"};
    return last_error(call, number);
}

void take_fds(msghdr& header, std::vector<Fd>& fds) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        const auto count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            fds.emplace_back(fd);
        }
    }
}

}  // namespace

Result<Fd> listen_local(const std::string& path) {
    const auto name = local_name(path);
    if (!name) return name.error();
    Fd fd = local_socket();
    if (!fd) return last_error("socket");
    const auto other = connect_local(path);
    if (other || other.error().code == Errc::would_block)
        return Error{Errc::exists, "another process already listens on " + path};
    struct stat old {};
    if (lstat(path.c_str(), &old) == 0) {
        if (!S_ISSOCK(old.st_mode)) return Error{Errc::exists, path + " is in the way, and is not a socket"};
        ::unlink(path.c_str());
    }
    if (::bind(fd.get(), generic(*name), sizeof *name) < 0) return last_error("bind " + path);
    if (::chmod(path.c_str(), 0660) < 0) return last_error("chmod " + path);
    if (::listen(fd.get(), kBacklog) < 0) return last_error("listen " + path);
    return fd;
}

Result<Fd> connect_local(const std::string& path) {
    const auto name = local_name(path);
    if (!name) return name.error();
    Fd fd = local_socket();
    if (!fd) return last_error("socket");
    if (::connect(fd.get(), generic(*name), sizeof *name) == 0) return fd;
    const int number = errno;
    if (number == EAGAIN) return Error{Errc::would_block, "too many wait to connect to " + path};
    if (number == ENOENT || number == ECONNREFUSED)
        return Error{Errc::unavailable, "nobody listens on " + path};
    return last_error("connect " + path, number);
}

Result<Fd> accept_local(int listener) {
    Fd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return io_error("accept", errno);
    return fd;
}

Result<unsigned> peer_user(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0) return last_error("SO_PEERCRED");
    return who.uid;
}

Result<void> send_with_fds(int fd, Bytes message, std::span<const int> fds) {
    if (message.empty()) return Error{Errc::malformed, "empty message"};  // would read as the end
    if (fds.size() > kMaxFdsPerMessage) return Error{Errc::oversized, "descriptors"};
    iovec part{const_cast<std::uint8_t*>(message.data()), message.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    FdControl control{};
    if (!fds.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(fds.size_bytes());
        cmsghdr* c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
    }
    if (::sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return io_error("sendmsg", errno);
    return {};
}

Result<std::size_t> receive_with_fds(int fd, MutableBytes buffer, std::vector<Fd>& fds) {
    iovec part{buffer.data(), buffer.size()};
    FdControl control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto size = ::recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0) return io_error("recvmsg", errno);
    std::vector<Fd> arrived;  // closed again if we return early
    take_fds(header, arrived);
    if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return Error{Errc::oversized, "message"};
    if (size == 0) return Error{Errc::closed, "by the other process"};
    for (auto& one : arrived) fds.push_back(std::move(one));
    return static_cast<std::size_t>(size);
}

Result<Fd> memfd_of(Bytes bytes) {
    Fd fd(memfd_create("connectsphere", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return last_error("memfd_create");
    while (!bytes.empty()) {
        const auto written = ::write(fd.get(), bytes.data(), bytes.size());
        if (written <= 0) return last_error("write memfd");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (fcntl(fd.get(), F_ADD_SEALS, kSeals) < 0) return last_error("seal memfd");
    return fd;
}

// pread, because the file offset is shared with everybody who holds the descriptor.
Result<Buffer> read_memfd(int fd, std::size_t max_size) {
    const int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & kSeals) != kSeals) return Error{Errc::refused, "descriptor that is not sealed"};
    struct stat status {};
    if (fstat(fd, &status) < 0) return last_error("fstat");
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > max_size) return Error{Errc::oversized, "memfd"};
    Buffer bytes(size);
    for (std::size_t at = 0; at < size;) {
        const auto got = ::pread(fd, bytes.data() + at, size - at, static_cast<off_t>(at));
        if (got <= 0) return last_error("read memfd");
        at += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace connectsphere::net
