// Whether to talk to a server: its fingerprint against the one that is remembered, or was given.
#pragma once

#include <string>

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"

namespace connectsphere::cli {

// Remembers a server that is met for the first time. An error is a sentence that shows both fingerprints.
Result<void> check_trust(const GlobalOptions& options, const std::string& server,
                         const std::string& fingerprint, Reporter& reporter);

}  // namespace connectsphere::cli
