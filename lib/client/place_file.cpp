#include "lib/client/place_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "lib/base/bytes.hpp"
#include "lib/client/xdg.hpp"

namespace connectsphere::client {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFile = 4096;

// FNV-1a: names are longer than a file's name may be, and have characters that it may not have.
std::string file_name(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    char name[24];
    std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
    return name;
}

std::string hex(const std::string& text) { return to_hex(as_bytes(text)); }

// The file under this name is still the one that we have locked: its last owner may have removed it while we
// waited at the door.
bool is_linked(int fd, const fs::path& file) {
    struct stat open_one {
    }, named{};
    return fstat(fd, &open_one) == 0 && stat(file.c_str(), &named) == 0 && open_one.st_ino == named.st_ino &&
           open_one.st_dev == named.st_dev;
}

}  // namespace

fs::path PlaceFile::default_folder() { return state_folder() / "places"; }

PlaceFile::PlaceFile(const fs::path& folder, Key key)
    : header_(hex(key.server) + " " + hex(key.room) + " " + hex(key.name) + " ") {
    file_ = folder / file_name(header_);
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    fs::permissions(folder, fs::perms::owner_all, ignored);
    net::Fd fd(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd && flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && is_linked(fd.get(), file_)) fd_ = std::move(fd);
}

// Without a token the file says nothing: it does not stay.
PlaceFile::~PlaceFile() {
    if (fd_ && token().empty()) remove();
}

std::string PlaceFile::token() const {
    if (!fd_) return {};
    char bytes[kMaxFile];
    const auto size = pread(fd_.get(), bytes, sizeof bytes, 0);
    const std::string_view text(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
    if (!text.starts_with(header_) || !text.ends_with('\n')) return {};
    const auto token = from_hex(text.substr(header_.size()));
    return std::string(as_text(token));
}

void PlaceFile::keep(std::string_view token) {
    if (!fd_) return;
    const auto text = header_ + to_hex(as_bytes(token)) + "\n";
    // A file cut short by a crash lacks its line's end, and is passed over.
    if (ftruncate(fd_.get(), 0) != 0) return;
    if (pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) remove();
}

void PlaceFile::remove() {
    if (!fd_) return;
    ::unlink(file_.c_str());
    fd_.reset();
}

}  // namespace connectsphere::client
