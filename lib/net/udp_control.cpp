#include "lib/net/udp_control.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <ctime>

namespace connectsphere::net {

namespace {

template <class Value>
Value control_value(const cmsghdr* message) {
    Value value;
    std::memcpy(&value, CMSG_DATA(message), sizeof value);
    return value;
}

Address local_of(const in6_pktinfo& info) {
    Address local;
    std::memcpy(local.ip.data(), &info.ipi6_addr, local.ip.size());
    const bool link_local = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
    local.scope = link_local ? static_cast<std::uint32_t>(info.ipi6_ifindex) : 0;
    return local;
}

Address local_of(const in_pktinfo& info) {
    Address local;
    local.ip[10] = local.ip[11] = 0xFF;
    std::memcpy(local.ip.data() + 12, &info.ipi_addr, 4);
    return local;
}

}  // namespace

Arrival read_control(msghdr& header) {
    Arrival arrival;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            arrival.local = local_of(control_value<in6_pktinfo>(c));
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            arrival.local = local_of(control_value<in_pktinfo>(c));
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            arrival.segment = static_cast<std::size_t>(std::max(control_value<int>(c), 0));
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            const auto time = control_value<timespec>(c);
            arrival.wall = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
        }
    }
    return arrival;
}

ControlWriter::ControlWriter(msghdr& header, Control& buffer) : header_(header) {
    header.msg_control = buffer.data();
    header.msg_controllen = 0;
}

template <class Value>
void ControlWriter::add(int level, int type, const Value& value) {
    auto* place = static_cast<std::byte*>(header_.msg_control) + header_.msg_controllen;
    cmsghdr head{};
    head.cmsg_len = CMSG_LEN(sizeof value);
    head.cmsg_level = level;
    head.cmsg_type = type;
    std::memcpy(place, &head, sizeof head);
    std::memcpy(place + CMSG_LEN(0), &value, sizeof value);
    header_.msg_controllen += CMSG_SPACE(sizeof value);
}

void ControlWriter::source(const Address& local, bool is_ipv4_socket) {
    if (local.ip == Address{}.ip) return;
    if (is_ipv4_socket) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, local.ip.data() + 12, 4);
        add(IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, local.ip.data(), local.ip.size());
        info.ipi6_ifindex = static_cast<decltype(info.ipi6_ifindex)>(local.scope);
        add(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

void ControlWriter::segment(std::uint16_t size) { add(IPPROTO_UDP, UDP_SEGMENT, size); }

}  // namespace connectsphere::net
