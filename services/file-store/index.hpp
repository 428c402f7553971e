// The index: which files and unfinished uploads there are, in SQLite; every commit is on disk before it is
// acknowledged. One thread at a time uses it.
#pragma once

#include <filesystem>

#include "services/common/database.hpp"
#include "services/file-store/storage.hpp"

namespace connectsphere::file_store {

class Index {
  public:
    explicit Index(const std::filesystem::path& file);  // throws std::runtime_error with a sentence

    Result<Storage::Contents> load();
    Result<void> put_upload(const UnfinishedUpload& upload);
    Result<void> drop_upload(const UploadId& upload);
    Result<void> finish(const StoredFile& file);  // the upload is a file now
    // Says whether other files have the same content.
    Result<bool> drop_file(std::uint64_t file_id, const Sha256& content);

  private:
    Database database_;
};

}  // namespace connectsphere::file_store
