// The storage on disk, in one folder:
//
//   index.db             what there is (index.hpp)
//   uploads/<hex>        unfinished, named by the hash of the upload's key
//   blobs/ab/<hex>       content, named by its SHA-256: one copy of what is identical
//
// An upload becomes a blob by a second link, after it is on disk; then the index is committed; then the first
// link goes. Wherever a crash falls, the upload can go on or the file is there.
#pragma once

#include <filesystem>

#include "services/file-store/index.hpp"

namespace connectsphere::file_store {

class DiskStorage : public Storage {
  public:
    explicit DiskStorage(const std::filesystem::path& folder);  // throws std::runtime_error with a sentence

    Result<Contents> load() override;
    std::uint64_t available() const override;
    Result<std::shared_ptr<OpenFile>> open(const Sha256& content) override;
    Result<std::shared_ptr<OpenFile>> begin(const UnfinishedUpload& upload) override;
    Result<void> finish(const StoredFile& file) override;
    Result<void> discard(const UploadId& upload) override;
    Result<void> remove(std::uint64_t file_id, const Sha256& content) override;

  private:
    std::filesystem::path upload_path(const UploadId& upload) const;
    std::filesystem::path blob_path(const Sha256& content) const;
    void tidy(Contents& contents) const;

    std::filesystem::path folder_;
    Index index_;
};

}  // namespace connectsphere::file_store
