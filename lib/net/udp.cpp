#include "lib/net/udp.hpp"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/udp_control.hpp"

namespace connectsphere::net {

namespace {

constexpr std::size_t kSlots = 64;             // messages per system call
constexpr std::size_t kSlotBytes = 64 * 1024;  // a GRO train is one message of up to 64 KiB
constexpr std::size_t kMaxSegments = 64;       // UDP_MAX_SEGMENTS of older kernels
constexpr std::size_t kMaxTrainBytes = 65'000;
constexpr int kSocketBuffer = 4 << 20;  // bytes, as far as net.core.[rw]mem_max allow

void configure(int fd) {
    set_option(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
    set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    set_option(fd, IPPROTO_UDP, UDP_GRO, 1);
    if (socket_family(fd) == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);  // covers IPv4 too, as a mapped address
    else
        set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

bool is_full(int number) { return number == EAGAIN || number == EWOULDBLOCK || number == ENOBUFS; }

// A device or route that can not cut a train into datagrams says one of these.
bool says_no_segments(int number) { return number == EIO || number == EINVAL || number == EOPNOTSUPP; }

}  // namespace

struct UdpSocket::Inbox {
    // Not initialised: pages that no packet ever touches cost nothing.
    std::unique_ptr<std::uint8_t[]> bytes =
        std::make_unique_for_overwrite<std::uint8_t[]>(kSlots * kSlotBytes);
    std::array<mmsghdr, kSlots> headers{};
    std::array<iovec, kSlots> parts{};
    std::array<sockaddr_storage, kSlots> peers{};
    std::array<Control, kSlots> controls{};
    std::vector<Datagram> datagrams;  // grows to the largest batch seen
    std::size_t used = kSlots;  // slots that the newest call wrote to, and that must be made ready again

    void make_ready();
};

void UdpSocket::Inbox::make_ready() {
    const auto count = std::exchange(used, 0);
    for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {bytes.get() + i * kSlotBytes, kSlotBytes};
        auto& header = headers[i].msg_hdr;
        header = {};
        header.msg_name = &peers[i];
        header.msg_namelen = sizeof peers[i];
        header.msg_iov = &parts[i];
        header.msg_iovlen = 1;
        header.msg_control = controls[i].data();
        header.msg_controllen = sizeof controls[i];
    }
}

struct UdpSocket::Outbox {
    struct Group {
        std::size_t first, count, bytes;
    };
    std::array<mmsghdr, kSlots> headers{};
    std::array<iovec, kSlots> parts{};
    std::array<SocketAddress, kSlots> peers{};
    std::array<Control, kSlots> controls{};
    std::array<Group, kSlots> groups{};
    std::size_t used = 0;
};

Result<Fd> bind_udp(const Address& address) {
    auto fd = open_socket(address, SOCK_DGRAM);
    if (!fd) return fd;
    if (const auto bound = bind_socket(fd->get(), address, "UDP"); !bound) return bound.error();
    configure(fd->get());
    return fd;
}

UdpSocket::UdpSocket(Fd fd) : UdpSocket(fd.get()) { owned_ = std::move(fd); }

// A socket that was bound by systemd or another process is set up like one of ours.
UdpSocket::UdpSocket(int borrowed)
    : fd_(borrowed),
      is_ipv4_(socket_family(borrowed) == AF_INET),
      inbox_(std::make_unique<Inbox>()),
      outbox_(std::make_unique<Outbox>()) {
    configure(fd_);
    inbox_->datagrams.reserve(kSlots * kMaxSegments);
}

UdpSocket::~UdpSocket() = default;
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;

std::span<Datagram> UdpSocket::receive(Time now) {
    auto& in = *inbox_;
    in.datagrams.clear();
    in.make_ready();
    const int count = recvmmsg(fd_, in.headers.data(), kSlots, MSG_DONTWAIT, nullptr);
    if (count <= 0) return {};
    in.used = static_cast<std::size_t>(count);
    ++counters_.receive_calls;
    const Duration wall = wall_now().time_since_epoch();
    for (std::size_t i = 0; i < in.used; ++i) split(i, in.headers[i].msg_len, now, wall);
    return in.datagrams;
}

bool UdpSocket::may_have_more() const { return inbox_->used == kSlots; }

void UdpSocket::split(std::size_t slot, std::size_t size, Time now, Duration wall) {
    auto& in = *inbox_;
    auto& header = in.headers[slot].msg_hdr;
    if (header.msg_flags & MSG_TRUNC) {
        ++counters_.truncated;
        return;
    }
    const Arrival arrival = read_control(header);
    // A wall clock that jumped must not date a packet: more than a second in the queue is not believed.
    const Duration waited = arrival.wall == Duration{} ? Duration{} : wall - arrival.wall;
    const Time received_at = waited > 0s && waited < 1s ? now - waited : now;
    const Route route{.peer = from_sockaddr(in.peers[slot]), .local = arrival.local};
    const MutableBytes whole(in.bytes.get() + slot * kSlotBytes, size);
    const std::size_t step = arrival.segment > 0 ? arrival.segment : std::max<std::size_t>(size, 1);
    for (std::size_t at = 0; at < std::max<std::size_t>(size, 1); at += step) {
        const auto payload = whole.subspan(at, std::min(step, size - at));
        if (payload.size() > kMaxDatagramAccepted) {
            ++counters_.oversized;
            continue;
        }
        ++counters_.received_datagrams;
        counters_.received_bytes += payload.size();
        in.datagrams.push_back({.route = route, .payload = payload, .received_at = received_at});
    }
}

// How many datagrams from `first` on may leave as one train: one route, one size, the last one shorter at
// most.
std::size_t UdpSocket::group_at(const DatagramBatch& batch, std::size_t first) const {
    const auto& head = batch.entry(first);
    // What may exceed the path's MTU is left to IP to fragment, which a train can not be.
    if (!segments_ || head.size == 0 || head.size > kMaxDatagramSent) return 1;
    std::size_t bytes = head.size;
    std::size_t next = first + 1;
    for (; next < batch.size() && next - first < kMaxSegments; ++next) {
        const auto& entry = batch.entry(next);
        const auto& before = batch.entry(next - 1);
        if (entry.route != head.route || entry.size > head.size || entry.size == 0 ||
            before.size < head.size || before.offset + before.size != entry.offset ||
            bytes + entry.size > kMaxTrainBytes)
            break;
        bytes += entry.size;
    }
    return next - first;
}

void UdpSocket::send(const DatagramBatch& batch) {
    auto& out = *outbox_;
    for (std::size_t first = 0; first < batch.size();) {
        const auto count = group_at(batch, first);
        const auto& head = batch.entry(first);
        const auto& tail = batch.entry(first + count - 1);
        const auto slot = out.used++;
        out.groups[slot] = {first, count, tail.offset + tail.size - head.offset};
        out.parts[slot] = {const_cast<std::uint8_t*>(batch.bytes(first).data()), out.groups[slot].bytes};
        out.peers[slot] = to_sockaddr(head.route.peer, is_ipv4_ ? AF_INET : AF_INET6);
        auto& header = out.headers[slot].msg_hdr;
        header = {};
        header.msg_name = out.peers[slot].get();
        header.msg_namelen = out.peers[slot].size;
        header.msg_iov = &out.parts[slot];
        header.msg_iovlen = 1;
        ControlWriter control(header, out.controls[slot]);
        control.source(head.route.local, is_ipv4_);
        if (count > 1) control.segment(static_cast<std::uint16_t>(head.size));
        first += count;
        if ((out.used == kSlots || first == batch.size()) && !flush(batch)) {
            counters_.send_dropped += batch.size() - first;
            return;
        }
    }
}

// False when the send buffer is full; what was not sent of the collected messages is counted.
bool UdpSocket::flush(const DatagramBatch& batch) {
    auto& out = *outbox_;
    const auto used = std::exchange(out.used, 0);
    for (std::size_t done = 0; done < used;) {
        const int sent = sendmmsg(fd_, out.headers.data() + done, static_cast<unsigned>(used - done), 0);
        if (sent > 0) {
            ++counters_.send_calls;
            for (const auto end = done + static_cast<std::size_t>(sent); done < end; ++done) {
                counters_.sent_datagrams += out.groups[done].count;
                counters_.sent_bytes += out.groups[done].bytes;
            }
            continue;
        }
        if (errno == EINTR) continue;
        if (is_full(errno)) {
            for (; done < used; ++done) counters_.send_dropped += out.groups[done].count;
            return false;
        }
        // The first message is the one that was refused; the others get their turn.
        const bool train = out.groups[done].count > 1;
        if (train && says_no_segments(errno)) {
            if (send_singly(batch, done)) segments_ = false;
        } else {
            counters_.send_failed += out.groups[done].count;
        }
        ++done;
    }
    return true;
}

// One datagram a call, without UDP_SEGMENT; true if the kernel took any: then it was the train that it
// refused.
bool UdpSocket::send_singly(const DatagramBatch& batch, std::size_t group) {
    auto& out = *outbox_;
    msghdr header = out.headers[group].msg_hdr;
    Control buffer{};
    ControlWriter control(header, buffer);
    const auto& [first, count, bytes] = out.groups[group];
    control.source(batch.entry(first).route.local, is_ipv4_);
    bool any = false;
    for (std::size_t i = first; i < first + count; ++i) {
        const auto payload = batch.bytes(i);
        iovec part{const_cast<std::uint8_t*>(payload.data()), payload.size()};
        header.msg_iov = &part;
        if (sendmsg(fd_, &header, 0) < 0) {
            ++(is_full(errno) ? counters_.send_dropped : counters_.send_failed);
            continue;
        }
        any = true;
        ++counters_.send_calls;
        ++counters_.sent_datagrams;
        counters_.sent_bytes += payload.size();
    }
    return any;
}

void UdpSocket::send(const Route& route, Bytes payload) {
    const auto peer = to_sockaddr(route.peer, is_ipv4_ ? AF_INET : AF_INET6);
    iovec part{const_cast<std::uint8_t*>(payload.data()), payload.size()};
    msghdr header{};
    header.msg_name = const_cast<sockaddr*>(peer.get());
    header.msg_namelen = peer.size;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control buffer{};
    ControlWriter control(header, buffer);
    control.source(route.local, is_ipv4_);
    if (sendmsg(fd_, &header, 0) < 0) {
        ++(is_full(errno) ? counters_.send_dropped : counters_.send_failed);
        return;
    }
    ++counters_.send_calls;
    ++counters_.sent_datagrams;
    counters_.sent_bytes += payload.size();
}

// Bounded by what a full receive buffer holds, so that a flood can not keep us here.
void UdpSocket::drain() {
    constexpr int kMostReads = 2 * kSocketBuffer / 256;
    std::uint8_t byte;
    for (int i = 0; i < kMostReads && ::recv(fd_, &byte, 1, MSG_DONTWAIT) >= 0; ++i) ++counters_.discarded;
}

std::uint64_t UdpSocket::kernel_drops() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
    socklen_t size = sizeof memory;
    getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, memory.data(), &size);
    return memory[SK_MEMINFO_DROPS];
}

}  // namespace connectsphere::net
