#include "services/file-store/disk_storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_set>

#include "lib/net/fd.hpp"

namespace connectsphere::file_store {

namespace {

namespace fs = std::filesystem;

Error error_of(const char* what, int number = errno) {
    const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return {is_full ? Errc::full : Errc::system, std::string(what) + ": " + std::strerror(number)};
}

class DiskFile : public OpenFile {
  public:
    explicit DiskFile(net::Fd fd) : fd_(std::move(fd)) {}

    std::uint64_t size() const override {
        struct stat facts {};
        return fstat(fd_.get(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
    }

    Result<std::size_t> read(std::uint64_t offset, MutableBytes out) override {
        std::size_t done = 0;
        while (done < out.size()) {
            const auto got =
                pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return error_of("read");
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Result<void> write(std::uint64_t offset, Bytes bytes) override {
        for (std::size_t done = 0; done < bytes.size();) {
            const auto put = pwrite(fd_.get(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return error_of("write");
            done += static_cast<std::size_t>(put);
        }
        return {};
    }

    void write_back(std::uint64_t begin, std::uint64_t end) override {
        sync_file_range(fd_.get(), static_cast<off_t>(begin), static_cast<off_t>(end - begin),
                        SYNC_FILE_RANGE_WRITE);
    }

    Result<void> sync() override {
        if (fdatasync(fd_.get()) != 0) return error_of("fdatasync");
        return {};
    }

  private:
    net::Fd fd_;
};

Result<void> sync(const fs::path& path, int flags) {
    const net::Fd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) return error_of("fsync");
    return {};
}

// What is there already is replaced: it may have been damaged since, and what comes has just been verified.
// On a file system without second links the crash that falls between this and the index costs the upload.
Result<void> link_or_rename(const fs::path& from, const fs::path& to) {
    auto beside = to;
    beside += ".new";
    unlink(beside.c_str());  // of a crash
    const bool is_linked = link(from.c_str(), beside.c_str()) == 0;
    if (!is_linked && errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK) return error_of("link");
    if (rename(is_linked ? beside.c_str() : from.c_str(), to.c_str()) != 0) return error_of("rename");
    if (is_linked) unlink(beside.c_str());  // it is still there where both are the same file already
    return {};
}

// Takes that back.
void unlink_or_rename(const fs::path& from, const fs::path& to) {
    (void)rename(to.c_str(), from.c_str());  // does nothing where both are the same file
    unlink(to.c_str());
}

Sha256 content_of(const StoredFile& file) {
    Sha256 content{};
    std::copy_n(file.info.sha256().begin(), content.size(), content.begin());
    return content;
}

// The folder, which it makes where it is not there, with those in it. Throws
// std::filesystem::filesystem_error.
fs::path with_folders(const fs::path& folder) {
    for (const auto& each : {folder, folder / "uploads", folder / "blobs"}) {
        fs::create_directories(each);
        fs::permissions(each, fs::perms::owner_all);
    }
    return folder;
}

// As far as the disk has room.
void fill_reserve(const fs::path& path) {
    const net::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct stat facts {};
    if (!fd || (fstat(fd.get(), &facts) == 0 && facts.st_size == DiskStorage::kReserve)) return;
    if (posix_fallocate(fd.get(), 0, DiskStorage::kReserve) != 0) (void)!ftruncate(fd.get(), 0);
}

// The names of the files in a folder and in those below it.
std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error)) files.push_back(it->path());
    }
    return files;
}

}  // namespace

DiskStorage::DiskStorage(const fs::path& folder, std::string boot)
    : folder_(with_folders(folder)), boot_(std::move(boot)), index_(folder / "index.db") {
    fill_reserve(folder_ / "reserve");
}

std::string DiskStorage::this_boot() {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    return boot;
}

fs::path DiskStorage::upload_path(const UploadId& upload) const {
    return folder_ / "uploads" / to_hex(upload);
}

fs::path DiskStorage::blob_path(const Sha256& content) const {
    const auto name = to_hex(content);
    return folder_ / "blobs" / name.substr(0, 2) / name;
}

Result<Storage::Contents> DiskStorage::load() {
    auto contents = index_.load();
    const auto boot = index_.boot();
    if (!boot) return boot.error();
    if (!contents) return contents;
    tidy(*contents, !boot->empty() && *boot != boot_);
    if (const auto kept = index_.set_boot(boot_); !kept) return kept.error();
    return contents;
}

// What a crash may leave: an upload's link beside its blob, a blob that no file in the index has, a file
// whose blob somebody took away. A crash of the machine: uploads that end in what was never written.
void DiskStorage::tidy(Contents& contents, bool was_booted) const {
    std::unordered_set<std::string> uploads, blobs;
    std::error_code ignored;
    for (auto& upload : contents.uploads) {
        uploads.insert(to_hex(upload.id));
        const auto path = upload_path(upload.id);
        std::error_code error;
        if (was_booted && fs::file_size(path, error) > upload.synced && !error)
            fs::resize_file(path, upload.synced, error);
        const auto size = fs::file_size(path, error);
        upload.received = error ? 0 : std::min<std::uint64_t>(size, upload.info.size());
    }
    for (const auto& file : contents.files) blobs.insert(to_hex(as_bytes(file.info.sha256())));
    for (const auto& path : files_below(folder_ / "uploads")) {
        if (!uploads.contains(path.filename())) fs::remove(path, ignored);
    }
    std::unordered_set<std::string> found;
    for (const auto& path : files_below(folder_ / "blobs")) {
        if (blobs.contains(path.filename())) {
            found.insert(path.filename());
        } else {
            fs::remove(path, ignored);
        }
    }
    std::erase_if(contents.files, [&](const StoredFile& file) {
        return !found.contains(to_hex(as_bytes(file.info.sha256())));
    });
}

std::uint64_t DiskStorage::available() const {
    struct statvfs facts {};
    if (statvfs(folder_.c_str(), &facts) != 0) return 0;
    return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

Result<std::shared_ptr<OpenFile>> DiskStorage::open(const Sha256& content) {
    net::Fd fd(::open(blob_path(content).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return error_of("blob");
    posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::shared_ptr<OpenFile>(std::make_shared<DiskFile>(std::move(fd)));
}

Result<std::shared_ptr<OpenFile>> DiskStorage::begin(const UnfinishedUpload& upload) {
    if (const auto put = index_.put_upload(upload); !put) return put.error();
    net::Fd fd(::open(upload_path(upload.id).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return error_of("upload");
    return std::shared_ptr<OpenFile>(std::make_shared<DiskFile>(std::move(fd)));
}

Result<void> DiskStorage::secure(const UploadId& upload, OpenFile& file, std::uint64_t bytes) {
    if (auto synced = file.sync(); !synced) return synced;
    if (auto synced = sync(folder_ / "uploads", O_RDONLY | O_DIRECTORY); !synced) return synced;
    return index_.set_synced(upload, bytes);
}

Result<void> DiskStorage::finish(StoredFile& file) {
    const auto content = content_of(file);
    const auto upload = upload_path(file.upload);
    const auto blob = blob_path(content);
    if (auto synced = sync(upload, O_RDWR); !synced) return synced;
    if (mkdir(blob.parent_path().c_str(), 0700) != 0 && errno != EEXIST) return error_of("mkdir");
    if (auto linked = link_or_rename(upload, blob); !linked) return linked;
    if (auto published = publish(file, content); !published) {
        // No entry would ever remove it, and no quota counts it.
        if (const auto is_used = index_.has_content(content); is_used && !*is_used)
            unlink_or_rename(upload, blob);
        return published;
    }
    unlink(upload.c_str());
    return {};
}

Result<void> DiskStorage::publish(StoredFile& file, const Sha256& content) {
    const auto folder = blob_path(content).parent_path();
    if (auto synced = sync(folder, O_RDONLY | O_DIRECTORY); !synced) return synced;
    if (auto synced = sync(folder.parent_path(), O_RDONLY | O_DIRECTORY); !synced) return synced;
    return index_.finish(file);
}

// ---- removing

// A change of the index that makes room on the disk, and may need some first.
template <class Change>
auto DiskStorage::with_reserve(Change change) {
    auto changed = change();
    if (changed || changed.error().code != Errc::full) return changed;
    std::error_code ignored;
    fs::resize_file(folder_ / "reserve", 0, ignored);
    return change();
}

Result<void> DiskStorage::discard(const UploadId& upload) {
    unlink(upload_path(upload).c_str());
    auto dropped = with_reserve([&] { return index_.drop_upload(upload); });
    fill_reserve(folder_ / "reserve");
    return dropped;
}

Result<void> DiskStorage::remove(std::uint64_t file_id, const Sha256& content) {
    const auto is_used = with_reserve([&] { return index_.drop_file(file_id, content); });
    if (is_used && !*is_used) unlink(blob_path(content).c_str());
    fill_reserve(folder_ / "reserve");
    if (!is_used) return is_used.error();
    return {};
}

}  // namespace connectsphere::file_store
