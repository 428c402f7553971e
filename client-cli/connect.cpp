#include "client-cli/connect.hpp"

#include <array>
#include <fstream>

#include "lib/client/random.hpp"
#include "lib/client/resolve.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::uint16_t kControlPort = 9000;

}  // namespace

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
    const auto server = client::resolve(options.server, kControlPort);
    if (!server) {
        const bool is_usage = server.error().code == Errc::usage;
        return Error{is_usage ? Errc::usage : Errc::unavailable, server.error().what};
    }
    const auto password = find_password(options);
    if (!password) return password.error();
    client::Runner::Options runner;
    runner.server = *server;
    runner.entropy = client::random_bytes;
    runner.session.room = options.room;
    runner.session.name = options.name;
    runner.session.password = *password;
    runner.session.software = std::string("connectsphere-cli ") + CS_VERSION;
    std::array<std::uint8_t, 4> random{};
    client::random_bytes(random);
    runner.session.first_client_message_id = std::uint64_t{Reader(random).u32()} << 20;
    return runner;
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
