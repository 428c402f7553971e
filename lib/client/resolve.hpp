// The server as the user named it: a numeric address, or a name that this machine knows (hosts file, DNS if
// there is one).
#pragma once

#include <string>

#include "lib/base/address.hpp"

namespace connectsphere::client {

Result<Address> resolve(const std::string& server, std::uint16_t default_port);

}  // namespace connectsphere::client
