// The index: which files and unfinished uploads there are, in SQLite; every commit is on disk before it is
// acknowledged. One thread at a time uses it. Its statements are prepared while starting up, so that nothing
// throws later: what the database refuses then is a Result.
#pragma once

#include <filesystem>

#include "services/common/database.hpp"
#include "services/file-store/storage.hpp"

namespace connectsphere::file_store {

class Index {
  public:
    // Names of which the newest version is remembered though no file has them any more.
    static constexpr std::uint64_t kMaxNames = 200'000;

    explicit Index(const std::filesystem::path& file);  // throws std::runtime_error with a sentence

    // While starting up.
    Result<Storage::Contents> load();
    Result<std::string> boot();  // that the index was last used in; empty: none
    Result<void> set_boot(std::string_view boot);

    Result<void> put_upload(const UnfinishedUpload& upload);
    Result<void> set_synced(const UploadId& upload, std::uint64_t synced);
    Result<void> drop_upload(const UploadId& upload);
    Result<void> finish(StoredFile& file);  // the upload is a file now, and has a version
    // Says whether other files have the same content.
    Result<bool> drop_file(std::uint64_t file_id, const Sha256& content);
    Result<bool> has_content(const Sha256& content);

  private:
    Result<void> remember_versions(const std::vector<StoredFile>& files);
    Result<void> put_file(StoredFile& file);

    Database database_;
    Statement put_upload_, set_synced_, drop_upload_, next_version_, put_file_, drop_file_, find_content_;
};

}  // namespace connectsphere::file_store
