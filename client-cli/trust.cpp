#include "client-cli/trust.hpp"

#include "lib/client/pins.hpp"

namespace connectsphere::cli {

Result<void> trust(const std::string& server, const std::string& fingerprint, const GlobalOptions& options,
                   Reporter& reporter) {
    const client::Pins pins(client::Pins::default_file());
    const auto pinned = options.fingerprint.empty() ? pins.find(server) : std::optional(options.fingerprint);
    if (pinned && *pinned != fingerprint && (!options.trust_new || !options.fingerprint.empty())) {
        return Error{Errc::forged, "the certificate of " + server + " has changed!\n   known: " + *pinned +
                                       "\n   shown: " + fingerprint +
                                       "\n   If the server was reinstalled, join once with --trust-new."};
    }
    if (!pinned || *pinned != fingerprint) {
        if (const auto done = pins.remember(server, fingerprint); !done)
            reporter.error("pins", done.error().what);
    }
    reporter.connected(server, fingerprint, !pinned);
    return {};
}

}  // namespace connectsphere::cli
