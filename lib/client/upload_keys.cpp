#include "lib/client/upload_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

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
    prune();
    return write(folder_ / file_of(what), key);
}

void UploadKeys::stored(const std::string& server, std::uint64_t file_id, std::uint64_t expires_at,
                        const std::string& key) const {
    using std::chrono::milliseconds;
    const auto file = folder_ / owner_file(server, file_id);
    (void)write(file, key);  // without it, the owner's session can still remove
    const auto until = std::chrono::sys_time<milliseconds>(milliseconds(expires_at));
    const auto never = std::chrono::system_clock::now() + std::chrono::hours(24 * 3650);
    std::error_code ignored;
    fs::last_write_time(
        file,
        std::chrono::file_clock::from_sys(expires_at != 0 ? until : time_point_cast<milliseconds>(never)),
        ignored);
}

void UploadKeys::prune() const {
    if (std::exchange(is_pruned_, true)) return;
    const auto now = fs::file_time_type::clock::now();
    std::error_code error, ignored;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
        const auto until = it->last_write_time(ignored);
        if (!ignored && until + kKeep < now) fs::remove(it->path(), ignored);
    }
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
