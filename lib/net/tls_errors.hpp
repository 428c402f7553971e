// Why a TLS connection ended, in words for people.
#pragma once

#include "lib/base/result.hpp"

namespace connectsphere::net {

// For the person at the other end of the wrong port; looks at OpenSSL's queue of errors.
Error handshake_error(bool is_server);

// The connection broke: `number` is the errno, or 0 where the peer just went.
Error lost(int number);

}  // namespace connectsphere::net
