#include "client-cli/command_line.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "client-cli/times.hpp"

namespace connectsphere::cli {

namespace {

std::string login_name() {
    if (const auto* entry = getpwuid(getuid()); entry && entry->pw_name) return entry->pw_name;
    const char* user = std::getenv("USER");
    return user && *user ? user : "guest";
}

// By hand and not by CLI11: --password-file goes before the environment.
void add_password_of_environment(GlobalOptions& global) {
    const char* password = std::getenv("CONNECTSPHERE_PASSWORD");
    if (password && global.password.empty() && global.password_file.empty()) global.password = password;
}

}  // namespace

std::string version_text() { return std::string("connectsphere ") + CS_VERSION; }

void add_output_options(CLI::App& command, bool& json, Duration& timeout) {
    command.add_flag("--json", json, "One JSON object per line on standard output (docs/cli.md)");
    command
        .add_option_function<std::string>(
            "--timeout", [&](const std::string& text) { timeout = checked(parse_duration(text)); },
            "How long to wait for the server")
        ->default_str("10s");
}

void add_global_options(CLI::App& command, GlobalOptions& global) {
    global.name = login_name();
    command.add_option("-s,--server", global.server, "Server: HOST[:PORT]")
        ->envname("CONNECTSPHERE_SERVER")
        ->capture_default_str();
    command.add_option("-r,--room", global.room, "Room")->capture_default_str();
    command.add_option("-n,--name", global.name, "Your name in the room")
        ->envname("CONNECTSPHERE_NAME")
        ->capture_default_str();
    auto* file = command.add_option("--password-file", global.password_file,
                                    "The password is the first line of this file");
    command
        .add_option("--password", global.password,
                    "Password of the room or the server. Others on this machine can see it here: the file or "
                    "the environment is better")
        ->excludes(file);
    command.add_option("--fingerprint", global.fingerprint,
                       "Expect this certificate (SHA256:…) instead of the remembered one");
    command.add_flag("--trust-new", global.trust_new,
                     "Accept a certificate that has changed, and remember it");
    add_output_options(command, global.json, global.timeout);
    command.parse_complete_callback([&global] { add_password_of_environment(global); });
}

void add_stay_option(CLI::App& command, std::optional<Duration>& stay) {
    command.add_option_function<std::string>(
        "--for", [&stay](const std::string& text) { stay = checked(parse_duration(text)); },
        "Leave after this long (10s, 2m)");
}

void add_srtp_profile_option(CLI::App& command, proto::SrtpProfile& profile) {
    command.add_option("--srtp-profile", profile, "How media is protected: gcm or cm (RFC 7714, RFC 3711)")
        ->transform(one_of<proto::SrtpProfile>(
            {{"gcm", proto::AEAD_AES_128_GCM}, {"cm", proto::AES_CM_128_HMAC_SHA1_80}}))
        ->default_str(profile == proto::AEAD_AES_128_GCM ? "gcm" : "cm");
}

}  // namespace connectsphere::cli
