// The session keys of SRTP, derived from the master key (RFC 3711 section 4.3, with a key derivation rate of
// zero: once).
#pragma once

#include "lib/wire/srtp.hpp"

namespace connectsphere::wire {

enum class SrtpLabel : std::uint8_t {
    rtp_encryption = 0,
    rtp_authentication = 1,
    rtp_salt = 2,
    rtcp_encryption = 3,
    rtcp_authentication = 4,
    rtcp_salt = 5,
};

// Fills `out`; false where OpenSSL failed.
[[nodiscard]] bool derive_srtp_key(const SrtpKey& master, SrtpLabel label, MutableBytes out);

}  // namespace connectsphere::wire
