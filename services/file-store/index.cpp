#include "services/file-store/index.hpp"

#include <algorithm>

namespace connectsphere::file_store {

namespace {

// Field numbers of FileInfo are for ever, so a file's facts are kept as that message.
constexpr const char* kSchema = R"(
    CREATE TABLE IF NOT EXISTS files (
        file_id INTEGER PRIMARY KEY AUTOINCREMENT,
        room    TEXT NOT NULL,
        upload  BLOB NOT NULL,
        content BLOB NOT NULL,
        info    BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS files_by_content ON files (content);
    CREATE TABLE IF NOT EXISTS uploads (
        upload     BLOB PRIMARY KEY,
        room       TEXT NOT NULL,
        info       BLOB NOT NULL,
        touched_at INTEGER NOT NULL
    ) WITHOUT ROWID;
)";

Sha256 hash_of(const std::string& bytes) {
    Sha256 hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

// Steps through a statement; what `take` is given is one row.
template <class Take>
Result<void> each_row(Statement statement, Take take) {
    for (;;) {
        const auto row = statement.step();
        if (!row) return row.error();
        if (!*row) return {};
        if (auto taken = take(statement); !taken) return taken;
    }
}

}  // namespace

Index::Index(const std::filesystem::path& file) : database_(file) { database_.require(kSchema); }

Result<Storage::Contents> Index::load() {
    Storage::Contents contents;
    const auto files =
        each_row(database_.prepare("SELECT room, upload, info FROM files ORDER BY file_id"),
                 [&](Statement& row) -> Result<void> {
                     StoredFile file{.info = {}, .room = row.text(0), .upload = hash_of(row.blob(1))};
                     if (!file.info.ParseFromString(row.blob(2)))
                         return Error{Errc::malformed, "index: a file's facts"};
                     contents.files.push_back(std::move(file));
                     return {};
                 });
    if (!files) return files.error();
    const auto uploads =
        each_row(database_.prepare("SELECT upload, room, info, touched_at FROM uploads"),
                 [&](Statement& row) -> Result<void> {
                     UnfinishedUpload upload{.id = hash_of(row.blob(0)), .room = row.text(1), .info = {}};
                     if (!upload.info.ParseFromString(row.blob(2)))
                         return Error{Errc::malformed, "index: an upload's facts"};
                     upload.touched_at = row.integer(3);
                     contents.uploads.push_back(std::move(upload));
                     return {};
                 });
    if (!uploads) return uploads.error();
    const auto last = each_row(database_.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'files'"),
                               [&](Statement& row) -> Result<void> {
                                   contents.last_file_id = row.integer(0);
                                   return {};
                               });
    if (!last) return last.error();
    return contents;
}

Result<void> Index::put_upload(const UnfinishedUpload& upload) {
    return database_.prepare("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)")
        .bind(Bytes(upload.id))
        .bind(std::string_view(upload.room))
        .bind(as_bytes(upload.info.SerializeAsString()))
        .bind(upload.touched_at)
        .run();
}

Result<void> Index::drop_upload(const UploadId& upload) {
    return database_.prepare("DELETE FROM uploads WHERE upload = ?").bind(Bytes(upload)).run();
}

Result<void> Index::finish(const StoredFile& file) {
    if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = drop_upload(file.upload);
    if (done) {
        done = database_.prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?)")
                   .bind(file.info.file_id())
                   .bind(std::string_view(file.room))
                   .bind(Bytes(file.upload))
                   .bind(as_bytes(file.info.sha256()))
                   .bind(as_bytes(file.info.SerializeAsString()))
                   .run();
    }
    if (done) done = database_.execute("COMMIT");
    if (!done) (void)database_.execute("ROLLBACK");
    return done;
}

Result<bool> Index::drop_file(std::uint64_t file_id, const Sha256& content) {
    const auto dropped = database_.prepare("DELETE FROM files WHERE file_id = ?").bind(file_id).run();
    if (!dropped) return dropped.error();
    return database_.prepare("SELECT 1 FROM files WHERE content = ? LIMIT 1").bind(Bytes(content)).step();
}

}  // namespace connectsphere::file_store
