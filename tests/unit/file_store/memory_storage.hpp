// A storage in memory, of a size that the test chooses. It outlives the engine that uses it, as a disk does.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/file-store/storage.hpp"

namespace connectsphere::file_store::test {

struct Disk {
    struct Entry {
        Buffer bytes;
    };
    std::uint64_t capacity = 1ULL << 40;
    bool is_broken = false;         // jobs fail
    std::set<std::uint64_t> stuck;  // files that can not be removed
    std::uint64_t fails_writes_at = UINT64_MAX;
    std::map<UploadId, std::pair<UnfinishedUpload, std::shared_ptr<Entry>>> uploads;
    std::map<Sha256, std::shared_ptr<Entry>> blobs;
    std::map<std::uint64_t, StoredFile> files;
    std::map<std::pair<std::string, std::string>, std::uint32_t> versions;  // of rooms and names
    std::uint64_t last_file_id = 0;

    std::uint64_t used() const {
        std::uint64_t sum = 0;
        for (const auto& [id, upload] : uploads) sum += upload.second->bytes.size();
        for (const auto& [id, blob] : blobs) sum += blob->bytes.size();
        return sum;
    }
};

class MemoryFile : public OpenFile {
  public:
    MemoryFile(Disk& disk, std::shared_ptr<Disk::Entry> entry) : disk_(disk), entry_(std::move(entry)) {}
    std::uint64_t size() const override { return entry_->bytes.size(); }
    Result<std::size_t> read(std::uint64_t offset, MutableBytes out) override {
        if (offset >= entry_->bytes.size()) return std::size_t{0};
        const auto count = std::min<std::size_t>(out.size(), entry_->bytes.size() - offset);
        std::copy_n(entry_->bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
        return count;
    }
    Result<void> write(std::uint64_t offset, Bytes bytes) override {
        if (offset >= disk_.fails_writes_at) return Error{Errc::system, "disk"};
        if (disk_.used() + bytes.size() > disk_.capacity) return Error{Errc::full, "disk"};
        entry_->bytes.resize(std::max<std::size_t>(entry_->bytes.size(), offset + bytes.size()));
        std::copy(bytes.begin(), bytes.end(), entry_->bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }

  private:
    Disk& disk_;
    std::shared_ptr<Disk::Entry> entry_;  // shared with the disk: a file that was removed can still be read
};

class MemoryStorage : public Storage {
  public:
    explicit MemoryStorage(Disk& disk) : disk_(disk) {}

    Result<Contents> load() override {
        Contents contents;
        for (const auto& [id, file] : disk_.files) contents.files.push_back(file);
        for (const auto& [id, upload] : disk_.uploads) {
            contents.uploads.push_back(upload.first);
            contents.uploads.back().received = upload.second->bytes.size();
        }
        contents.last_file_id = disk_.last_file_id;
        return contents;
    }
    std::uint64_t available() const override {
        const auto used = disk_.used();
        return disk_.capacity > used ? disk_.capacity - used : 0;
    }
    Result<std::shared_ptr<OpenFile>> open(const Sha256& content) override {
        const auto blob = disk_.blobs.find(content);
        if (blob == disk_.blobs.end()) return Error{Errc::not_found, "blob"};
        return std::shared_ptr<OpenFile>(std::make_shared<MemoryFile>(disk_, blob->second));
    }
    Result<std::shared_ptr<OpenFile>> begin(const UnfinishedUpload& upload) override {
        if (disk_.is_broken) return Error{Errc::system, "disk"};
        auto& place = disk_.uploads[upload.id];
        const auto synced = place.first.synced;
        place.first = upload;
        place.first.synced = synced;
        if (!place.second) place.second = std::make_shared<Disk::Entry>();
        return std::shared_ptr<OpenFile>(std::make_shared<MemoryFile>(disk_, place.second));
    }
    Result<void> secure(const UploadId& upload, OpenFile&, std::uint64_t bytes) override {
        if (disk_.is_broken) return Error{Errc::system, "disk"};
        if (const auto place = disk_.uploads.find(upload); place != disk_.uploads.end())
            place->second.first.synced = bytes;
        return {};
    }
    Result<void> finish(StoredFile& file) override {
        if (disk_.is_broken) return Error{Errc::system, "disk"};
        file.info.set_version(++disk_.versions[{file.room, file.info.name()}]);
        Sha256 content{};
        std::copy_n(file.info.sha256().begin(), content.size(), content.begin());
        disk_.blobs.emplace(content, disk_.uploads.at(file.upload).second);
        disk_.uploads.erase(file.upload);
        disk_.files[file.info.file_id()] = file;
        disk_.last_file_id = std::max(disk_.last_file_id, file.info.file_id());
        return {};
    }
    Result<void> discard(const UploadId& upload) override {
        disk_.uploads.erase(upload);
        return {};
    }
    Result<void> remove(std::uint64_t file_id, const Sha256& content) override {
        if (disk_.stuck.contains(file_id)) return Error{Errc::system, "disk"};
        disk_.files.erase(file_id);
        for (const auto& [id, file] : disk_.files) {
            if (as_bytes(file.info.sha256()).size() == content.size() &&
                std::equal(content.begin(), content.end(), as_bytes(file.info.sha256()).begin()))
                return {};
        }
        disk_.blobs.erase(content);
        return {};
    }

  private:
    Disk& disk_;
};

}  // namespace connectsphere::file_store::test
