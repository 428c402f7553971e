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
        touched_at INTEGER NOT NULL,
        synced     INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS versions (
        room    TEXT NOT NULL,
        name    TEXT NOT NULL,
        version INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        PRIMARY KEY (room, name)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS boot (id TEXT NOT NULL);
)";

Sha256 hash_of(const std::string& bytes) {
    Sha256 hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

// Steps through a statement; what `take` is given is one row.
template <class Take>
Result<void> each_row(Statement& statement, Take take) {
    for (;;) {
        const auto row = statement.step();
        auto done = row && *row ? take(statement) : Result<void>{};
        if (row && *row && done) continue;
        statement.reset();
        if (!row) return row.error();
        return done;
    }
}

Database with_schema(Database database) {
    database.require(kSchema);
    // Made by a version that had no such column.
    auto column = database.prepare("SELECT 1 FROM pragma_table_info('uploads') WHERE name = 'synced'");
    const auto found = column.step();
    column.reset();
    if (found && !*found)
        database.require("ALTER TABLE uploads ADD COLUMN synced INTEGER NOT NULL DEFAULT 0");
    return database;
}

}  // namespace

Index::Index(const std::filesystem::path& file)
    : database_(with_schema(Database(file))),
      put_upload_(database_.prepare(
          "INSERT INTO uploads (upload, room, info, touched_at) VALUES (?, ?, ?, ?) ON CONFLICT (upload) "
          "DO UPDATE SET room = excluded.room, info = excluded.info, touched_at = excluded.touched_at")),
      set_synced_(database_.prepare("UPDATE uploads SET synced = ? WHERE upload = ?")),
      drop_upload_(database_.prepare("DELETE FROM uploads WHERE upload = ?")),
      next_version_(database_.prepare(
          "INSERT INTO versions VALUES (?, ?, 1, ?) ON CONFLICT (room, name) "
          "DO UPDATE SET version = version + 1, used_at = excluded.used_at RETURNING version")),
      put_file_(database_.prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?)")),
      drop_file_(database_.prepare("DELETE FROM files WHERE file_id = ?")),
      find_content_(database_.prepare("SELECT 1 FROM files WHERE content = ? LIMIT 1")) {}

// ---- starting up

Result<Storage::Contents> Index::load() {
    Storage::Contents contents;
    auto files = database_.prepare("SELECT room, upload, info FROM files ORDER BY file_id");
    auto loaded = each_row(files, [&](Statement& row) -> Result<void> {
        StoredFile file{.info = {}, .room = row.text(0), .upload = hash_of(row.blob(1))};
        if (!file.info.ParseFromString(row.blob(2))) return Error{Errc::malformed, "index: a file's facts"};
        contents.files.push_back(std::move(file));
        return {};
    });
    if (!loaded) return loaded.error();
    auto uploads = database_.prepare("SELECT upload, room, info, touched_at, synced FROM uploads");
    loaded = each_row(uploads, [&](Statement& row) -> Result<void> {
        UnfinishedUpload upload{.id = hash_of(row.blob(0)), .room = row.text(1), .info = {}};
        if (!upload.info.ParseFromString(row.blob(2)))
            return Error{Errc::malformed, "index: an upload's facts"};
        upload.touched_at = row.integer(3);
        upload.synced = row.integer(4);
        contents.uploads.push_back(std::move(upload));
        return {};
    });
    if (!loaded) return loaded.error();
    auto last = database_.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'files'");
    loaded = each_row(last, [&](Statement& row) -> Result<void> {
        contents.last_file_id = row.integer(0);
        return {};
    });
    if (!loaded) return loaded.error();
    if (auto known = remember_versions(contents.files); !known) return known.error();
    return contents;
}

// The names that were used longest ago are forgotten, except those of files that are there. An index of a
// version that did not keep them is filled in the same way.
Result<void> Index::remember_versions(const std::vector<StoredFile>& files) {
    auto count = database_.prepare("SELECT count(*) FROM versions");
    std::uint64_t names = 0;
    auto done = each_row(count, [&](Statement& row) -> Result<void> {
        names = row.integer(0);
        return {};
    });
    if (!done || (names > 0 && names <= kMaxNames)) return done;
    if (done = database_.execute("BEGIN IMMEDIATE"); !done) return done;
    done = database_
               .prepare(
                   "DELETE FROM versions WHERE used_at < "
                   "(SELECT used_at FROM versions ORDER BY used_at DESC LIMIT 1 OFFSET ?)")
               .bind(kMaxNames / 2)
               .run();
    auto put = database_.prepare(
        "INSERT INTO versions VALUES (?, ?, ?, ?) ON CONFLICT (room, name) "
        "DO UPDATE SET version = max(version, excluded.version)");
    for (const auto& file : files) {
        if (!done) break;
        done = put.bind(std::string_view(file.room))
                   .bind(std::string_view(file.info.name()))
                   .bind(std::uint64_t{file.info.version()})
                   .bind(file.info.stored_at())
                   .run();
    }
    if (done) done = database_.execute("COMMIT");
    if (!done) (void)database_.execute("ROLLBACK");
    return done;
}

Result<std::string> Index::boot() {
    std::string boot;
    auto find = database_.prepare("SELECT id FROM boot");
    const auto found = each_row(find, [&](Statement& row) -> Result<void> {
        boot = row.text(0);
        return {};
    });
    if (!found) return found.error();
    return boot;
}

Result<void> Index::set_boot(std::string_view boot) {
    if (auto cleared = database_.execute("DELETE FROM boot"); !cleared) return cleared;
    return database_.prepare("INSERT INTO boot VALUES (?)").bind(boot).run();
}

// ---- uploads

Result<void> Index::put_upload(const UnfinishedUpload& upload) {
    return put_upload_.bind(Bytes(upload.id))
        .bind(std::string_view(upload.room))
        .bind(as_bytes(upload.info.SerializeAsString()))
        .bind(upload.touched_at)
        .run();
}

Result<void> Index::set_synced(const UploadId& upload, std::uint64_t synced) {
    return set_synced_.bind(synced).bind(Bytes(upload)).run();
}

Result<void> Index::drop_upload(const UploadId& upload) { return drop_upload_.bind(Bytes(upload)).run(); }

// ---- files

Result<void> Index::finish(StoredFile& file) {
    if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = drop_upload(file.upload);
    if (done) done = put_file(file);
    if (done) done = database_.execute("COMMIT");
    if (!done) (void)database_.execute("ROLLBACK");
    return done;
}

Result<void> Index::put_file(StoredFile& file) {
    next_version_.bind(std::string_view(file.room))
        .bind(std::string_view(file.info.name()))
        .bind(file.info.stored_at());
    const auto counted = each_row(next_version_, [&](Statement& row) -> Result<void> {
        file.info.set_version(static_cast<std::uint32_t>(row.integer(0)));
        return {};
    });
    if (!counted) return counted;
    return put_file_.bind(file.info.file_id())
        .bind(std::string_view(file.room))
        .bind(Bytes(file.upload))
        .bind(as_bytes(file.info.sha256()))
        .bind(as_bytes(file.info.SerializeAsString()))
        .run();
}

Result<bool> Index::drop_file(std::uint64_t file_id, const Sha256& content) {
    if (const auto dropped = drop_file_.bind(file_id).run(); !dropped) return dropped.error();
    return has_content(content);
}

Result<bool> Index::has_content(const Sha256& content) {
    auto found = find_content_.bind(Bytes(content)).step();
    find_content_.reset();
    return found;
}

}  // namespace connectsphere::file_store
