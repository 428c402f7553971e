#include "lib/client/local_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace connectsphere::client {

namespace {

constexpr std::size_t kBlock = 256 << 10;
constexpr std::uint64_t kWriteBack = 8 << 20;  // bytes that wait in memory before the disk is told

Error error_of(const std::filesystem::path& path) {
    const int number = errno;
    const auto code = number == ENOENT                       ? Errc::not_found
                      : number == ENOSPC || number == EDQUOT ? Errc::full
                                                             : Errc::system;
    return {code, path.string() + ": " + std::strerror(number)};
}

// Exactly `out`, or an error.
Result<void> read_all(int fd, std::uint64_t offset, MutableBytes out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto got = pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return Error{Errc::system, got == 0 ? "the file became shorter" : std::strerror(errno)};
        done += static_cast<std::size_t>(got);
    }
    return {};
}

Result<void> hash_span(int fd, wire::Sha256Stream& hash, std::uint64_t& hashed, std::uint64_t end) {
    Buffer block(kBlock);
    while (hashed < end) {
        const auto part = MutableBytes(block).first(std::min<std::uint64_t>(block.size(), end - hashed));
        if (auto got = read_all(fd, hashed, part); !got) return got;
        hash.add(part);
        hashed += part.size();
    }
    return {};
}

std::string identity_of(const struct stat& facts) {
    char text[128];
    std::snprintf(
        text, sizeof text, "%llx %llx %llx %lld.%09ld", static_cast<unsigned long long>(facts.st_dev),
        static_cast<unsigned long long>(facts.st_ino), static_cast<unsigned long long>(facts.st_size),
        static_cast<long long>(facts.st_mtim.tv_sec), facts.st_mtim.tv_nsec);
    return text;
}

// What lies at the place of a .part may be of somebody else, who could write to it after it was verified, or
// lead the bytes elsewhere by a link.
Result<net::Fd> open_own(const std::filesystem::path& part, struct stat& facts) {
    constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    net::Fd fd(::open(part.c_str(), kFlags | O_CREAT | O_EXCL, 0644));
    const bool is_new = static_cast<bool>(fd);
    if (!is_new && errno == EEXIST) fd = net::Fd(::open(part.c_str(), kFlags));
    if (!fd || fstat(fd.get(), &facts) != 0) return error_of(part);
    if (is_new) return fd;
    if (!S_ISREG(facts.st_mode) || facts.st_uid != geteuid() || facts.st_nlink != 1)
        return Error{Errc::exists, part.string() + " is no file of ours alone: remove it"};
    return fd;
}

Result<net::Fd> open_to_read(const std::filesystem::path& path, struct stat& facts) {
    net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd || fstat(fd.get(), &facts) != 0) return error_of(path);
    return fd;
}

Error is_taken(const std::filesystem::path& target) {
    return {Errc::exists, target.string() + " exists; --force replaces it"};
}

Result<void> sync_folder_of(const std::filesystem::path& file) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const net::Fd fd(::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    // Some file systems know no fsync of a folder, and that of others' folders may not be opened.
    if (fd && fsync(fd.get()) != 0 && errno == EIO) return error_of(folder);
    return {};
}

}  // namespace

Result<LocalSource> LocalSource::inspect(const std::filesystem::path& path) {
    LocalSource source;
    source.path_ = path;
    net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!fd || fstat(fd.get(), &facts) != 0) return error_of(path);
    if (!S_ISREG(facts.st_mode)) return Error{Errc::unsupported, path.string() + " is no file"};
    source.size_ = static_cast<std::uint64_t>(facts.st_size);
    source.identity_ = identity_of(facts);
    return source;
}

Result<void> LocalSource::open() {
    if (fd_) return {};
    fd_ = net::Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd_) return error_of(path_);
    posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return check_unchanged();
}

Result<void> LocalSource::check_unchanged() const {
    struct stat facts {};
    if (fstat(fd_.get(), &facts) != 0) return error_of(path_);
    if (identity_of(facts) == identity_) return {};
    return Error{Errc::unsupported, path_.string() + " changed while it was sent: send it again"};
}

Result<void> LocalSource::read(std::uint64_t offset, MutableBytes out) {
    if (auto got = read_all(fd_.get(), offset, out); !got) return got;
    const auto end = offset + out.size();
    if (offset <= hashed_ && hashed_ < end) {
        hash_.add(out.subspan(hashed_ - offset));
        hashed_ = end;
    }
    return {};
}

Result<void> LocalSource::hash_on(std::size_t most) {
    return hash_span(fd_.get(), hash_, hashed_, std::min(size_, hashed_ + most));
}

Result<PartFile> PartFile::beside(const std::filesystem::path& target, const proto::FileInfo& content,
                                  bool overwrite) {
    PartFile part;
    part.target_ = target;
    part.overwrite_ = overwrite;
    part.part_ = target.string() + "." + to_hex(as_bytes(content.sha256().substr(0, 4))) + ".part";
    struct stat facts {};
    if (overwrite || lstat(target.c_str(), &facts) != 0) return part;
    part.is_target_ = S_ISREG(facts.st_mode) && static_cast<std::uint64_t>(facts.st_size) == content.size();
    if (!part.is_target_) return is_taken(target);
    return part;
}

Result<void> PartFile::open() {
    if (fd_) return {};
    struct stat facts {};
    auto fd = is_target_ ? open_to_read(target_, facts) : open_own(part_, facts);
    if (!fd) return fd.error();
    if (!is_target_ && flock(fd->get(), LOCK_EX | LOCK_NB) != 0)
        return Error{Errc::exists, part_.string() + ": another download writes to it"};
    fd_ = std::move(*fd);
    size_ = static_cast<std::uint64_t>(facts.st_size);
    return {};
}

void PartFile::close() {
    fd_ = {};
    size_ = hashed_ = 0;
    hash_ = {};
}

Result<void> PartFile::append(Bytes bytes) {
    hash_.add(bytes);
    hashed_ += bytes.size();
    while (!bytes.empty()) {
        const auto put = pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return error_of(part_);
        const auto before = size_;
        size_ += static_cast<std::uint64_t>(put);
        // The disk begins at once, so that complete() has little to wait for.
        if (before / kWriteBack != size_ / kWriteBack)
            (void)sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> PartFile::hash_on(std::size_t most) {
    return hash_span(fd_.get(), hash_, hashed_, std::min(size_, hashed_ + most));
}

Result<void> PartFile::restart() {
    if (is_target_) return is_taken(target_);
    if (ftruncate(fd_.get(), 0) != 0) return error_of(part_);
    size_ = hashed_ = 0;
    hash_ = {};
    return {};
}

Result<void> PartFile::complete() {
    if (is_target_) return {};
    if (fsync(fd_.get()) != 0) return error_of(part_);
    const int done = overwrite_
                         ? rename(part_.c_str(), target_.c_str())
                         : renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE);
    if (done == 0) return sync_folder_of(target_);
    if (errno == EEXIST) return is_taken(target_);
    if (overwrite_ || errno != EINVAL) return error_of(target_);
    // A file system that knows no RENAME_NOREPLACE: a second link is refused where there is one already.
    if (link(part_.c_str(), target_.c_str()) != 0) return error_of(target_);
    unlink(part_.c_str());
    return sync_folder_of(target_);
}

}  // namespace connectsphere::client
