// The storage on disk, in one folder:
//
//   index.db             what there is (index.hpp)
//   uploads/<hex>        unfinished, named by the hash of the upload's key
//   blobs/ab/<hex>       content, named by its SHA-256: one copy of what is identical
//   reserve              nothing: room for the index, so that files can be removed from a disk that is full
//
// An upload becomes a blob by a second link, after it is on disk; then the index is committed; then the first
// link goes. Wherever a crash falls, the upload can go on or the file is there. What the kernel had not
// written yet survives a crash of this process, not one of the machine: the index knows how much of an upload
// is on the disk for sure, and after a boot that is what counts.
#pragma once

#include <filesystem>

#include "services/file-store/index.hpp"

namespace connectsphere::file_store {

class DiskStorage : public Storage {
  public:
    static constexpr std::uint64_t kReserve = 256 << 10;  // bytes: some pages of the index and its log

    // Throws std::runtime_error with a sentence. `boot`: names this run of the machine.
    explicit DiskStorage(const std::filesystem::path& folder, std::string boot = this_boot());

    Result<Contents> load() override;
    std::uint64_t available() const override;
    Result<std::shared_ptr<OpenFile>> open(const Sha256& content) override;
    Result<std::shared_ptr<OpenFile>> begin(const UnfinishedUpload& upload) override;
    Result<void> secure(const UploadId& upload, OpenFile& file, std::uint64_t bytes) override;
    Result<void> finish(StoredFile& file) override;
    Result<void> discard(const UploadId& upload) override;
    Result<void> remove(std::uint64_t file_id, const Sha256& content) override;

  private:
    std::filesystem::path upload_path(const UploadId& upload) const;
    std::filesystem::path blob_path(const Sha256& content) const;
    static std::string this_boot();
    void tidy(Contents& contents, bool was_booted) const;
    Result<void> publish(StoredFile& file, const Sha256& content);
    template <class Change>
    auto with_reserve(Change change);

    std::filesystem::path folder_;
    std::string boot_;
    Index index_;
};

}  // namespace connectsphere::file_store
