#include "services/file-store/disk_storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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

  private:
    net::Fd fd_;
};

Result<void> sync(const fs::path& path, int flags) {
    const net::Fd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) return error_of("fsync");
    return {};
}

// A file system without second links: the crash that falls between this and the index costs the upload.
Result<void> link_or_rename(const fs::path& from, const fs::path& to) {
    if (link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
    if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK) return error_of("link");
    if (rename(from.c_str(), to.c_str()) != 0) return error_of("rename");
    return {};
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

DiskStorage::DiskStorage(const fs::path& folder)
    : folder_(with_folders(folder)), index_(folder / "index.db") {}

fs::path DiskStorage::upload_path(const UploadId& upload) const {
    return folder_ / "uploads" / to_hex(upload);
}

fs::path DiskStorage::blob_path(const Sha256& content) const {
    const auto name = to_hex(content);
    return folder_ / "blobs" / name.substr(0, 2) / name;
}

Result<Storage::Contents> DiskStorage::load() {
    auto contents = index_.load();
    if (contents) tidy(*contents);
    return contents;
}

// What a crash may leave: an upload's link beside its blob, a blob that no file in the index has, a file
// whose blob somebody took away.
void DiskStorage::tidy(Contents& contents) const {
    std::unordered_set<std::string> uploads, blobs;
    for (auto& upload : contents.uploads) {
        uploads.insert(to_hex(upload.id));
        std::error_code error;
        const auto size = fs::file_size(upload_path(upload.id), error);
        upload.received = error ? 0 : std::min<std::uint64_t>(size, upload.info.size());
    }
    for (const auto& file : contents.files) blobs.insert(to_hex(as_bytes(file.info.sha256())));
    std::error_code ignored;
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

Result<void> DiskStorage::finish(const StoredFile& file) {
    Sha256 content{};
    std::copy_n(file.info.sha256().begin(), content.size(), content.begin());
    const auto upload = upload_path(file.upload);
    const auto blob = blob_path(content);
    if (auto synced = sync(upload, O_RDWR); !synced) return synced;
    if (mkdir(blob.parent_path().c_str(), 0700) != 0 && errno != EEXIST) return error_of("mkdir");
    if (auto linked = link_or_rename(upload, blob); !linked) return linked;
    if (auto synced = sync(blob.parent_path(), O_RDONLY | O_DIRECTORY); !synced) return synced;
    if (auto synced = sync(folder_ / "blobs", O_RDONLY | O_DIRECTORY); !synced) return synced;
    if (auto committed = index_.finish(file); !committed) return committed;
    unlink(upload.c_str());
    return {};
}

Result<void> DiskStorage::discard(const UploadId& upload) {
    unlink(upload_path(upload).c_str());
    return index_.drop_upload(upload);
}

Result<void> DiskStorage::remove(std::uint64_t file_id, const Sha256& content) {
    const auto is_used = index_.drop_file(file_id, content);
    if (!is_used) return is_used.error();
    if (!*is_used) unlink(blob_path(content).c_str());
    return {};
}

}  // namespace connectsphere::file_store
