// Whether to talk to a server: its certificate must be the one that was seen first (trust on first use, as
// ssh does), or the one that the command line names.
#pragma once

#include <string>

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"

namespace connectsphere::cli {

// An error ends the call. A certificate seen for the first time is remembered, and reported.
Result<void> trust(const std::string& server, const std::string& fingerprint, const GlobalOptions& options,
                   Reporter& reporter);

}  // namespace connectsphere::cli
