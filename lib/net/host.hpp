// What this machine is called and where it can be reached, by the kernel's word: nobody is asked over the
// network.
#pragma once

#include <string>
#include <vector>

#include "lib/base/address.hpp"

namespace connectsphere::net {

std::string host_name();                // "meet.lan"; "localhost" where there is none
std::vector<Address> host_addresses();  // of all interfaces that are up, loopback too; ports are 0

}  // namespace connectsphere::net
