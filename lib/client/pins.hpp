// Pins: the fingerprints of the servers that this user has met (trust on first use, as ssh does). One line a
// server: "host:port SHA256:…". A server that shows another fingerprint is refused, with both shown: it was
// reinstalled, or somebody stands in between, and only the user can know.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "lib/base/result.hpp"

namespace connectsphere::client {

class Pins {
  public:
    explicit Pins(std::filesystem::path file) : file_(std::move(file)) {}

    // $XDG_STATE_HOME/connectsphere/known_servers, or below ~/.local/state.
    static std::filesystem::path default_file();

    std::optional<std::string> find(const std::string& server) const;
    // Remembers, or replaces, the fingerprint; the file is replaced whole, so that it is never half written.
    Result<void> remember(const std::string& server, const std::string& fingerprint) const;

  private:
    std::filesystem::path file_;
};

// Trusts a connection to another plane of a server by its control connection: all planes show one
// certificate. `plane` is for people: "file". `trusted` gives the control connection's fingerprint.
std::function<Result<void>(const std::string&)> same_certificate(std::string plane,
                                                                 std::function<std::string()> trusted);

}  // namespace connectsphere::client
