#include "services/common/tls_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "lib/net/fd.hpp"
#include "lib/net/host.hpp"
#include "lib/net/tls.hpp"
#include "services/common/log.hpp"

namespace connectsphere {

namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::usage, path.string() + ": can not be read"};
    return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Whole or not at all, also when the power fails: a second file is written, synced and renamed.
Result<void> write_file(const fs::path& path, std::string_view text, mode_t mode) {
    const fs::path fresh = path.string() + ".new";
    const net::Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd) return net::last_error("open " + fresh.string());
    for (std::size_t done = 0; done < text.size();) {
        const auto written = ::write(fd.get(), text.data() + done, text.size() - done);
        if (written < 0) return net::last_error("write " + fresh.string());
        done += static_cast<std::size_t>(written);
    }
    if (::fsync(fd.get()) != 0) return net::last_error("fsync " + fresh.string());
    if (::rename(fresh.c_str(), path.c_str()) != 0) return net::last_error("rename " + path.string());
    const net::Fd directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
    return {};
}

Error damaged(const fs::path& file, const std::string& why) {
    return Error{Errc::usage,
                 file.string() + " is damaged (" + why +
                     "); put back a copy, or remove it for a new one, which every client must accept"};
}

// One file for both, so that no crash can leave a certificate without its key.
Result<net::CertificateAndKey> load_own(const fs::path& file) {
    auto text = read_file(file);
    if (!text) return text.error();
    const auto key = text->find("-----BEGIN PRIVATE KEY-----");
    if (key == std::string::npos) return damaged(file, "no private key");
    return net::CertificateAndKey{.certificate_pem = text->substr(0, key), .key_pem = text->substr(key)};
}

// As people and tools may reach this machine; the server's name may be a title ("Room 12") and no host's.
std::vector<std::string> own_names(const Config& config) {
    const auto host = net::host_name();
    std::vector<std::string> names;
    for (const auto& name : {config.server_name, host, host + ".local", std::string("localhost")}) {
        const bool is_new = std::find(names.begin(), names.end(), name) == names.end();
        if (is_new && net::is_dns_name(name)) names.push_back(name);
    }
    return names;
}

Result<net::CertificateAndKey> make_own(const Config& config, const fs::path& file) {
    auto identity = net::make_self_signed({.names = own_names(config), .addresses = net::host_addresses()});
    if (!identity) return identity;
    const auto written = write_file(file, identity->certificate_pem + identity->key_pem, 0600);
    if (!written) return written.error();
    log::info("certificate-made", {{"file", file.string()}});
    return identity;
}

fs::path own_file(const Config& config) { return config.state_dir / "tls" / "identity.pem"; }

Result<net::CertificateAndKey> load_or_make_own(const Config& config) {
    const auto file = own_file(config);
    auto identity = fs::exists(file) ? load_own(file) : make_own(config, file);
    if (!identity) return identity;
    // Not replaced silently: every client has pinned it.
    if (const auto usable = net::TlsContext::server(*identity); !usable) {
        return damaged(file, usable.error().what);
    }
    return identity;
}

// What TlsContext::server complains of, as a sentence that names the file.
Error refused(const Config::Tls& tls, const Error& why) {
    const auto certificate = tls.certificate_file.string(), key = tls.key_file.string();
    if (why.what == "certificate") return Error{Errc::usage, certificate + ": no certificate in PEM format"};
    if (why.what == "private key")
        return Error{Errc::usage, key + ": no private key in PEM format that opens without a password"};
    return Error{Errc::usage, key + " is not the key of " + certificate + " (" + why.what + ")"};
}

}  // namespace

Result<void> check_identity(const Config& config) {
    const bool is_own = config.tls.certificate_file.empty();
    if (is_own && !fs::exists(own_file(config))) return {};
    const auto identity = is_own ? load_or_make_own(config) : load_configured_identity(config.tls);
    if (!identity) return identity.error();
    return {};
}

Result<net::CertificateAndKey> load_configured_identity(const Config::Tls& tls) {
    auto certificate = read_file(tls.certificate_file);
    if (!certificate) return certificate.error();
    auto key = read_file(tls.key_file);
    if (!key) return key.error();
    net::CertificateAndKey identity{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
    if (const auto usable = net::TlsContext::server(identity); !usable) return refused(tls, usable.error());
    return identity;
}

Result<net::CertificateAndKey> load_or_make_identity(const Config& config) {
    const auto dir = config.state_dir / "tls";
    std::error_code error;
    fs::create_directories(dir, error);
    if (error) return Error{Errc::system, dir.string() + ": " + error.message()};
    fs::permissions(dir, fs::perms::owner_all, error);

    auto identity =
        config.tls.certificate_file.empty() ? load_or_make_own(config) : load_configured_identity(config.tls);
    if (!identity) return identity;
    const auto fingerprint = net::fingerprint(identity->certificate_pem);
    if (!fingerprint) return fingerprint.error();
    log::info("certificate", {{"fingerprint", *fingerprint}});
    if (const auto written = write_file(dir / "fingerprint", *fingerprint + "\n", 0644); !written)
        return written.error();
    return identity;
}

}  // namespace connectsphere
