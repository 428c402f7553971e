// The index: which files and unfinished uploads there are, in SQLite (WAL, every commit on disk before it is
// acknowledged). One thread at a time uses it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "services/file-store/storage.hpp"

struct sqlite3;

namespace connectsphere::file_store {

class Index {
  public:
    static Result<Index> open(const std::filesystem::path& file);

    Result<Storage::Contents> load();
    Result<void> put_upload(const UnfinishedUpload& upload);
    Result<void> drop_upload(const UploadId& upload);
    Result<void> finish(const StoredFile& file);  // the upload is a file now
    // Says whether other files have the same content.
    Result<bool> drop_file(std::uint64_t file_id, const Sha256& content);

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Index(sqlite3* database) : database_(database) {}

    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace connectsphere::file_store
