#include "lib/client/upload_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "lib/net/fd.hpp"
#include "lib/wire/sha256.hpp"

namespace connectsphere::client {

namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& what) { return to_hex(wire::sha256(as_bytes(what))); }

std::string owner_file(const std::string& server, std::uint64_t file_id) {
    return "owner-" + file_of(server + '\n' + std::to_string(file_id));
}

std::optional<std::string> read(const fs::path& file) {
    std::ifstream in(file);
    std::string hex;
    if (!(in >> hex) || hex.size() != 64) return std::nullopt;
    return std::string(as_text(from_hex(hex)));
}

Result<void> write(const fs::path& file, const std::string& key) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const auto fresh = file.string() + ".new";
    const auto hex = to_hex(as_bytes(key));
    const net::Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd || ::write(fd.get(), hex.data(), hex.size()) != static_cast<ssize_t>(hex.size()) ||
        rename(fresh.c_str(), file.c_str()) != 0)
        return Error{Errc::system, "can not write to " + file.parent_path().string()};
    return {};
}

}  // namespace

fs::path UploadKeys::default_folder() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state && *state == '/') return fs::path(state) / "connectsphere/uploads";
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/tmp") / ".local/state/connectsphere/uploads";
}

std::optional<std::string> UploadKeys::find(const std::string& what) const {
    return read(folder_ / file_of(what));
}

Result<void> UploadKeys::remember(const std::string& what, const std::string& key) const {
    return write(folder_ / file_of(what), key);
}

void UploadKeys::stored(const std::string& what, const std::string& server, std::uint64_t file_id,
                        const std::string& key) const {
    (void)write(folder_ / owner_file(server, file_id),
                key);  // without it, the owner's session can still remove
    forget(what);
}

void UploadKeys::forget(const std::string& what) const {
    std::error_code ignored;
    fs::remove(folder_ / file_of(what), ignored);
}

std::optional<std::string> UploadKeys::owner_key(const std::string& server, std::uint64_t file_id) const {
    return read(folder_ / owner_file(server, file_id));
}

void UploadKeys::forget_owner(const std::string& server, std::uint64_t file_id) const {
    std::error_code ignored;
    fs::remove(folder_ / owner_file(server, file_id), ignored);
}

}  // namespace connectsphere::client
