// SQLite, as thinly as it can be wrapped: a connection, a prepared statement that binds and steps, and errors
// as Result. A full disk is Errc::full, everything else Errc::system with SQLite's own words. For one thread
// at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace connectsphere {

class Database;

// A prepared statement: bind in the order of the question marks, then step until it gives false.
class Statement {
  public:
    Statement& bind(std::uint64_t value);  // as a signed 64-bit integer
    Statement& bind(std::string_view text);
    Statement& bind(Bytes blob);

    Result<bool> step();  // true: a row is there
    Result<void> run();   // steps to the end, and is ready to be bound again

    std::uint64_t integer(int column) const;
    std::string text(int column) const;
    std::string blob(int column) const;
    void reset();

  private:
    friend class Database;
    struct Free {
        void operator()(sqlite3_stmt* statement) const;
    };
    Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Free> statement_;
    int next_ = 1;
};

class Database {
  public:
    // Opens or makes the file (0600), with WAL and synchronous=FULL. Throws std::runtime_error with a
    // sentence.
    explicit Database(const std::filesystem::path& file);

    void require(const std::string& sql);  // at start: throws
    Result<void> execute(const std::string& sql);
    Statement prepare(std::string_view sql);  // throws: the text is ours

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace connectsphere
