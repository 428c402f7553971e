#include "services/common/tls_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "lib/net/fd.hpp"
#include "lib/net/tls.hpp"
#include "services/common/log.hpp"

namespace connectsphere {

namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::system, path.string() + ": can not be read"};
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

// One file for both, so that no crash can leave a certificate without its key.
Result<net::CertificateAndKey> load_own(const fs::path& file) {
    auto text = read_file(file);
    if (!text) return text.error();
    const auto key = text->find("-----BEGIN PRIVATE KEY-----");
    if (key == std::string::npos) return Error{Errc::malformed, "no private key"};
    return net::CertificateAndKey{.certificate_pem = text->substr(0, key), .key_pem = text->substr(key)};
}

Result<net::CertificateAndKey> make_own(const Config& config, const fs::path& file) {
    auto identity = net::make_self_signed(
        {.names = {config.server_name, "localhost"}, .addresses = {*parse_address("127.0.0.1", 0)}});
    if (!identity) return identity;
    const auto written = write_file(file, identity->certificate_pem + identity->key_pem, 0600);
    if (!written) return written.error();
    log::info("certificate-made", {{"file", file.string()}});
    return identity;
}

Result<net::CertificateAndKey> load(const Config& config, const fs::path& dir) {
    if (config.tls.certificate_file.empty()) {
        const auto file = dir / "identity.pem";
        return fs::exists(file) ? load_own(file) : make_own(config, file);
    }
    auto certificate = read_file(config.tls.certificate_file);
    if (!certificate) return certificate.error();
    auto key = read_file(config.tls.key_file);
    if (!key) return key.error();
    return net::CertificateAndKey{.certificate_pem = std::move(*certificate), .key_pem = std::move(*key)};
}

}  // namespace

Result<net::CertificateAndKey> load_or_make_identity(const Config& config) {
    const auto dir = config.state_dir / "tls";
    std::error_code error;
    fs::create_directories(dir, error);
    if (error) return Error{Errc::system, dir.string() + ": " + error.message()};
    fs::permissions(dir, fs::perms::owner_all, error);

    auto identity = load(config, dir);
    const auto source =
        config.tls.certificate_file.empty() ? dir / "identity.pem" : config.tls.certificate_file;
    if (!identity) return Error{identity.error().code, source.string() + ": " + identity.error().what};
    if (const auto usable = net::TlsContext::server(*identity); !usable)
        return Error{usable.error().code, source.string() + " can not be used: " + usable.error().what};
    const auto fingerprint = net::fingerprint(identity->certificate_pem);
    if (!fingerprint) return fingerprint.error();
    log::info("certificate", {{"fingerprint", *fingerprint}});
    if (const auto written = write_file(dir / "fingerprint", *fingerprint + "\n", 0644); !written)
        return written.error();
    return identity;
}

}  // namespace connectsphere
