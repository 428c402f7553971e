#include "services/common/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <stdexcept>
#include <utility>

namespace connectsphere {

namespace {

constexpr int kBusyMilliseconds = 2000;  // another process (a backup) may hold the file for a moment

Error error_of(sqlite3* database) {
    const int code = sqlite3_errcode(database) & 0xFF;
    const bool is_full =
        code == SQLITE_FULL || (code == SQLITE_IOERR && sqlite3_system_errno(database) == ENOSPC);
    return Error{is_full ? Errc::full : Errc::system, sqlite3_errmsg(database)};
}

}  // namespace

// ---- statement

void Statement::Free::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::bind(std::uint64_t value) {
    sqlite3_bind_int64(statement_.get(), next_++, static_cast<sqlite3_int64>(value));
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    sqlite3_bind_text64(statement_.get(), next_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(Bytes blob) {
    sqlite3_bind_blob64(statement_.get(), next_++, blob.data(), blob.size(), SQLITE_TRANSIENT);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return error_of(database_);
}

Result<void> Statement::run() {
    for (;;) {
        const auto row = step();
        if (row && *row) continue;
        reset();
        if (!row) return row.error();
        return {};
    }
}

std::uint64_t Statement::integer(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_.get(), column));
}

std::string Statement::text(int column) const { return blob(column); }

std::string Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = sqlite3_column_bytes(statement_.get(), column);
    return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    next_ = 1;
}

// ---- database

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::filesystem::path& file) {
    const auto previous = umask(0077);
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(opened);
    umask(previous);
    if (code != SQLITE_OK) {
        throw std::runtime_error("can not open " + file.string() + ": " +
                                 (opened ? sqlite3_errmsg(opened) : "no memory"));
    }
    sqlite3_busy_timeout(opened, kBusyMilliseconds);
    sqlite3_extended_result_codes(opened, 1);
    require("PRAGMA journal_mode = WAL");
    require("PRAGMA synchronous = FULL");
}

void Database::require(const std::string& sql) {
    if (const auto done = execute(sql); !done)
        throw std::runtime_error("the database says: " + done.error().what);
}

Result<void> Database::execute(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return error_of(database_.get());
}

Statement Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
        SQLITE_OK) {
        throw std::runtime_error("the database says: " + std::string(sqlite3_errmsg(database_.get())));
    }
    return Statement(database_.get(), statement);
}

}  // namespace connectsphere
