#include "lib/net/host.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace connectsphere::net {

namespace {

std::optional<Address> address_of(const ifaddrs& entry) {
    if (!entry.ifa_addr || (entry.ifa_flags & IFF_UP) == 0) return std::nullopt;
    Address address;
    if (entry.ifa_addr->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, entry.ifa_addr, sizeof v4);
        address.ip[10] = address.ip[11] = 0xFF;
        std::memcpy(address.ip.data() + 12, &v4.sin_addr, sizeof v4.sin_addr);
    } else if (entry.ifa_addr->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, entry.ifa_addr, sizeof v6);
        std::memcpy(address.ip.data(), &v6.sin6_addr, address.ip.size());
        address.scope = v6.sin6_scope_id;
    } else {
        return std::nullopt;
    }
    return address;
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
    return name.data();
}

std::vector<Address> host_addresses() {
    ifaddrs* head = nullptr;
    if (::getifaddrs(&head) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(head, ::freeifaddrs);
    std::vector<Address> addresses;
    for (const auto* entry = head; entry; entry = entry->ifa_next) {
        const auto address = address_of(*entry);
        if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
            addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace connectsphere::net
