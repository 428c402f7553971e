#include "client-cli/connect.hpp"

#include <sys/random.h>

#include <array>
#include <fstream>

#include "client-cli/resolve.hpp"
#include "lib/client/pins.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::uint16_t kControlPort = 9000;

}  // namespace

void random_bytes(MutableBytes out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto count = getrandom(out.data() + done, out.size() - done, 0);
        if (count > 0) done += static_cast<std::size_t>(count);
    }
}

Result<std::string> find_password(const GlobalOptions& options) {
    if (!options.password.empty() || options.password_file.empty()) return options.password;
    std::ifstream file(options.password_file);
    std::string line;
    if (!file || (!std::getline(file, line) && !file.eof())) {
        return Error{Errc::not_found, "can not read the password from " + options.password_file};
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

Result<client::Runner::Options> runner_options(const GlobalOptions& options) {
    const auto server = resolve(options.server, kControlPort);
    if (!server) {
        const bool is_usage = server.error().code == Errc::usage;
        return Error{is_usage ? Errc::usage : Errc::unavailable, server.error().what};
    }
    const auto password = find_password(options);
    if (!password) return password.error();
    client::Runner::Options runner;
    runner.server = *server;
    runner.entropy = random_bytes;
    runner.session.room = options.room;
    runner.session.name = options.name;
    runner.session.password = *password;
    runner.session.software = std::string("connectsphere-cli ") + CS_VERSION;
    std::array<std::uint8_t, 4> random{};
    random_bytes(random);
    runner.session.first_client_message_id = std::uint64_t{Reader(random).u32()} << 20;
    return runner;
}

Result<void> verify_server(const GlobalOptions& options, const std::string& server,
                           const std::string& fingerprint, Reporter& reporter) {
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

client::PlaceFile::Key place_key(const client::Runner::Options& options) {
    return {.server = options.server.text(), .room = options.session.room, .name = options.session.name};
}

ExitCode exit_code(const Error& error) {
    switch (error.code) {
        case Errc::usage:
            return kUsage;
        case Errc::not_found:
            return kNotFound;
        case Errc::timed_out:
            return kTimedOut;
        case Errc::refused:
            return kRefused;
        case Errc::unavailable:
            return kCanNotConnect;
        default:
            return kFailed;
    }
}

ExitCode exit_code(const proto::Error& error) {
    return error.code() == proto::NOT_FOUND ? kNotFound : kRefused;
}

ExitCode exit_code(const client::Ended& ended) {
    switch (ended.why) {
        case client::Ended::Why::left:
            return kOk;
        case client::Ended::Why::refused:
            return exit_code(ended.error);
        case client::Ended::Why::dismissed:
            return kRefused;
        case client::Ended::Why::unreachable:
            return kCanNotConnect;
        case client::Ended::Why::distrusted:
            return kCertificateChanged;
    }
    return kFailed;
}

}  // namespace connectsphere::cli
