#include "services/file-store/index.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace connectsphere::file_store {

namespace {

// Field numbers of FileInfo are for ever, so a file's facts are kept as that message.
constexpr const char* kSchema = R"(
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = 2000;
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

Error error_of(sqlite3* database) {
    const int code = sqlite3_errcode(database);
    return {code == SQLITE_FULL ? Errc::full : Errc::system,
            std::string("index: ") + sqlite3_errmsg(database)};
}

std::string_view text_of(const Sha256& hash) { return as_text(hash); }

// One statement: bound from left to right, then stepped through.
class Statement {
  public:
    Statement(sqlite3* database, const char* sql) : database_(database) {
        is_ok_ = sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) == SQLITE_OK;
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& number(std::uint64_t value) {
        sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value));
        return *this;
    }
    Statement& text(std::string_view value) {
        sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT);
        return *this;
    }
    Statement& blob(std::string_view value) {
        sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT);
        return *this;
    }
    // Whether there is a row.
    bool step() {
        const int result = is_ok_ ? sqlite3_step(statement_) : SQLITE_ERROR;
        is_ok_ = result == SQLITE_ROW || result == SQLITE_DONE;
        return result == SQLITE_ROW;
    }
    Result<void> run() {
        step();
        if (!is_ok_) return error_of(database_);
        return {};
    }
    bool is_ok() const { return is_ok_; }
    std::uint64_t number_at(int column) const {
        return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
    }
    std::string bytes_at(int column) const {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                     : std::string();
    }
    Sha256 hash_at(int column) const {
        Sha256 hash{};
        const auto bytes = bytes_at(column);
        std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
        return hash;
    }

  private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
    bool is_ok_ = false;
};

Result<void> execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(database);
    return {};
}

// All or nothing.
template <class Work>
Result<void> transact(sqlite3* database, Work work) {
    if (auto begun = execute(database, "BEGIN IMMEDIATE"); !begun) return begun;
    auto done = work();
    if (done) done = execute(database, "COMMIT");
    if (!done) (void)execute(database, "ROLLBACK");
    return done;
}

}  // namespace

void Index::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Result<Index> Index::open(const std::filesystem::path& file) {
    sqlite3* database = nullptr;
    const int result = sqlite3_open_v2(
        file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Index index(database);
    if (result != SQLITE_OK) return Error{Errc::system, file.string() + ": can not be opened"};
    if (const auto made = execute(database, kSchema); !made) return made.error();
    return index;
}

Result<Storage::Contents> Index::load() {
    Storage::Contents contents;
    Statement files(database_.get(), "SELECT room, upload, info FROM files ORDER BY file_id");
    while (files.step()) {
        StoredFile file{.info = {}, .room = files.bytes_at(0), .upload = files.hash_at(1)};
        if (!file.info.ParseFromString(files.bytes_at(2)))
            return Error{Errc::malformed, "index: a file's facts"};
        contents.files.push_back(std::move(file));
    }
    Statement uploads(database_.get(), "SELECT upload, room, info, touched_at FROM uploads");
    while (uploads.step()) {
        UnfinishedUpload upload{.id = uploads.hash_at(0), .room = uploads.bytes_at(1), .info = {}};
        if (!upload.info.ParseFromString(uploads.bytes_at(2)))
            return Error{Errc::malformed, "index: an upload's facts"};
        upload.touched_at = uploads.number_at(3);
        contents.uploads.push_back(std::move(upload));
    }
    Statement last(database_.get(), "SELECT seq FROM sqlite_sequence WHERE name = 'files'");
    if (last.step()) contents.last_file_id = last.number_at(0);
    if (!files.is_ok() || !uploads.is_ok() || !last.is_ok()) return error_of(database_.get());
    return contents;
}

Result<void> Index::put_upload(const UnfinishedUpload& upload) {
    return Statement(database_.get(), "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)")
        .blob(text_of(upload.id))
        .text(upload.room)
        .blob(upload.info.SerializeAsString())
        .number(upload.touched_at)
        .run();
}

Result<void> Index::drop_upload(const UploadId& upload) {
    return Statement(database_.get(), "DELETE FROM uploads WHERE upload = ?").blob(text_of(upload)).run();
}

Result<void> Index::finish(const StoredFile& file) {
    return transact(database_.get(), [&]() -> Result<void> {
        if (auto dropped = drop_upload(file.upload); !dropped) return dropped;
        return Statement(database_.get(), "INSERT INTO files VALUES (?, ?, ?, ?, ?)")
            .number(file.info.file_id())
            .text(file.room)
            .blob(text_of(file.upload))
            .blob(file.info.sha256())
            .blob(file.info.SerializeAsString())
            .run();
    });
}

Result<bool> Index::drop_file(std::uint64_t file_id, const Sha256& content) {
    Statement drop(database_.get(), "DELETE FROM files WHERE file_id = ?");
    if (const auto dropped = drop.number(file_id).run(); !dropped) return dropped.error();
    Statement others(database_.get(), "SELECT 1 FROM files WHERE content = ? LIMIT 1");
    const bool is_used = others.blob(text_of(content)).step();
    if (!others.is_ok()) return error_of(database_.get());
    return is_used;
}

}  // namespace connectsphere::file_store
