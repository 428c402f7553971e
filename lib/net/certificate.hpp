// Certificates without an authority: the server signs its own, and clients pin its fingerprint on first use,
// as ssh does.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::net {

struct CertificateAndKey {
    std::string certificate_pem;
    std::string key_pem;  // secret: lives in memory, a memfd or a file of mode 0600
};

struct SelfSigned {
    std::vector<std::string> names;  // DNS names; the first one is the common name
    std::vector<Address> addresses;  // IP addresses, for tools that check them
    std::chrono::days validity{3650};
};

// Letters, digits, dots and hyphens: what may stand in a certificate as a name.
bool is_dns_name(std::string_view name);

// ECDSA on P-256; the key is new each time.
Result<CertificateAndKey> make_self_signed(const SelfSigned& wish);

// The names and addresses that a certificate is made for (RFC 5280 section 4.2.1.6), as text.
Result<std::vector<std::string>> names_of(const std::string& certificate_pem);

// "SHA256:" and 64 lower-case hex digits: the SHA-256 of the SubjectPublicKeyInfo (RFC 7469 section 2.4), so
// that a certificate renewed with the same key keeps its fingerprint. The same as
//     openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | sha256sum
Result<std::string> fingerprint(const std::string& certificate_pem);

}  // namespace connectsphere::net
