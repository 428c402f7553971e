// Who the server is: the certificate of all planes and its key. Made at the first start, in
// state_dir/tls/identity.pem (mode 0600), or the administrator's own.
#pragma once

#include "lib/net/certificate.hpp"
#include "services/common/config.hpp"

namespace connectsphere {

// Never makes a new one where there is one that can not be read: clients have pinned it. Writes its
// fingerprint to state_dir/tls/fingerprint, for people.
Result<net::CertificateAndKey> load_or_make_identity(const Config& config);

// Whether the gateway could start with what is there: before anything else is done. Makes nothing.
// Errc::usage as below, also where its own is damaged.
Result<void> check_identity(const Config& config);

// The administrator's own alone. Errc::usage, with a sentence that names the file, where one of the two files
// can not be read or used, or the key is not that of the certificate.
Result<net::CertificateAndKey> load_configured_identity(const Config::Tls& tls);

}  // namespace connectsphere
