#include "services/signaling/sqlite_store.hpp"

#include <algorithm>
#include <stdexcept>

#include "services/common/database.hpp"

namespace connectsphere::signaling {

namespace {

constexpr std::uint64_t kSchemaVersion = 1;

constexpr const char* kSchema = R"(
    CREATE TABLE session (id INTEGER PRIMARY KEY, record BLOB NOT NULL);
    CREATE TABLE room_password (room TEXT PRIMARY KEY, hash TEXT NOT NULL);
    CREATE TABLE message (
        id INTEGER PRIMARY KEY, room TEXT NOT NULL, from_session INTEGER NOT NULL, to_session INTEGER NOT NULL,
        sent_at INTEGER NOT NULL, text TEXT NOT NULL, message BLOB NOT NULL);
    CREATE INDEX message_room ON message (room, id);
    -- The newest id ever given out: deleting a message must not give its id to another.
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
)";

std::string like_pattern(std::string_view search) {
    std::string pattern = "%";
    for (const char c : search) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

class SqliteStore : public Store {
  public:
    explicit SqliteStore(const std::filesystem::path& file)
        : database_(file),
          schema_(make_schema(database_)),
          put_session_(database_.prepare("INSERT OR REPLACE INTO session VALUES (?, ?)")),
          drop_session_(database_.prepare("DELETE FROM session WHERE id = ?")),
          put_password_(database_.prepare("INSERT OR REPLACE INTO room_password VALUES (?, ?)")),
          drop_password_(database_.prepare("DELETE FROM room_password WHERE room = ?")),
          put_message_(database_.prepare("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?)")),
          put_counter_(database_.prepare("INSERT INTO counter VALUES ('message', ?1) ON CONFLICT (name) "
                                         "DO UPDATE SET value = max(value, ?1)")),
          drop_message_(database_.prepare("DELETE FROM message WHERE id = ?")),
          trim_age_(database_.prepare("DELETE FROM message WHERE room = ? AND sent_at < ?")),
          trim_count_(
              database_.prepare("DELETE FROM message WHERE room = ?1 AND id <= (SELECT id FROM message "
                                "WHERE room = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")),
          find_message_(database_.prepare("SELECT message FROM message WHERE id = ?")),
          history_(database_.prepare(
              "SELECT message FROM message WHERE room = ?1 AND id > ?2 AND id <= ?3 "
              "AND sent_at >= ?4 AND (to_session = 0 OR ?5 != 0 AND ?5 IN (from_session, to_session)) "
              "AND text LIKE ?6 ESCAPE '\\' ORDER BY id DESC LIMIT ?7")) {}

    Loaded load() override {
        Loaded loaded;
        auto sessions = database_.prepare("SELECT record FROM session");
        while (must(sessions.step())) {
            if (!loaded.sessions.emplace_back().ParseFromString(sessions.blob(0))) loaded.sessions.pop_back();
        }
        auto passwords = database_.prepare("SELECT room, hash FROM room_password");
        while (must(passwords.step())) loaded.passwords.push_back({passwords.text(0), passwords.text(1)});
        auto counter = database_.prepare("SELECT max(value) FROM counter WHERE name = 'message'");
        if (must(counter.step())) loaded.last_message_id = counter.integer(0);
        return loaded;
    }

    Result<void> commit(const std::vector<Write>& batch) override {
        if (const auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
        for (const auto& write : batch) {
            if (const auto done = std::visit([this](const auto& w) { return apply(w); }, write); !done) {
                (void)database_.execute("ROLLBACK");
                return done;
            }
        }
        auto done = database_.execute("COMMIT");
        if (!done) (void)database_.execute("ROLLBACK");
        return done;
    }

    Result<proto::History> history(const HistoryQuery& query) override {
        const auto pattern = like_pattern(query.search);
        history_.bind(query.room)
            .bind(query.after_message)
            .bind(std::min<std::uint64_t>(query.up_to_message, INT64_MAX));
        history_.bind(query.since).bind(query.viewer).bind(pattern).bind(std::uint64_t{query.limit} + 1);
        proto::History history;
        for (auto row = history_.step();; row = history_.step()) {
            if (!row) {
                history_.reset();
                return row.error();
            }
            if (!*row) break;
            if (static_cast<std::uint32_t>(history.messages_size()) == query.limit) {
                history.set_more(true);
                break;
            }
            auto& message = *history.add_messages();
            message.ParseFromString(history_.blob(0));
            message.set_replayed(true);
        }
        history_.reset();
        std::reverse(history.mutable_messages()->begin(), history.mutable_messages()->end());
        return history;
    }

    Result<proto::ChatMessage> message(std::uint64_t message_id) override {
        find_message_.bind(message_id);
        const auto row = find_message_.step();
        proto::ChatMessage message;
        if (row && *row) message.ParseFromString(find_message_.blob(0));
        find_message_.reset();
        if (!row) return row.error();
        if (!*row) return Error{Errc::not_found, "message"};
        return message;
    }

  private:
    static bool make_schema(Database& database) {
        auto version = database.prepare("PRAGMA user_version");
        const auto found = must(version.step()) ? version.integer(0) : 0;
        version.reset();
        if (found > kSchemaVersion)
            throw std::runtime_error("the database was made by a newer version of this program");
        if (found == 0) {
            database.require("BEGIN IMMEDIATE");
            database.require(kSchema);
            database.require("PRAGMA user_version = " + std::to_string(kSchemaVersion));
            database.require("COMMIT");
        }
        return true;
    }

    static bool must(const Result<bool>& row) {
        if (!row) throw std::runtime_error("the database says: " + row.error().what);
        return *row;
    }

    Result<void> apply(const PutSession& write) {
        const auto record = write.record.SerializeAsString();
        return put_session_.bind(write.record.participant().session_id()).bind(as_bytes(record)).run();
    }
    Result<void> apply(const DropSession& write) { return drop_session_.bind(write.session_id).run(); }
    Result<void> apply(const PutRoomPassword& write) {
        if (write.hash.empty()) return drop_password_.bind(write.room).run();
        return put_password_.bind(write.room).bind(write.hash).run();
    }
    Result<void> apply(const PutMessage& write) {
        const auto& message = write.message;
        const auto serialized = message.SerializeAsString();
        if (const auto done = put_counter_.bind(message.message_id()).run(); !done) return done;
        put_message_.bind(message.message_id()).bind(write.room).bind(message.from_session_id());
        put_message_.bind(message.to_session_id()).bind(message.sent_at());
        return put_message_.bind(message.text()).bind(as_bytes(serialized)).run();
    }
    Result<void> apply(const DropMessage& write) { return drop_message_.bind(write.message_id).run(); }
    Result<void> apply(const TrimRoom& write) {
        if (const auto done = trim_age_.bind(write.room).bind(write.not_before).run(); !done) return done;
        return trim_count_.bind(write.room).bind(std::uint64_t{write.keep}).run();
    }

    Database database_;
    bool schema_;  // made before the statements below are prepared
    Statement put_session_, drop_session_, put_password_, drop_password_, put_message_, put_counter_,
        drop_message_;
    Statement trim_age_, trim_count_, find_message_, history_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& file) {
    std::filesystem::create_directories(file.parent_path());
    return std::make_unique<SqliteStore>(file);
}

}  // namespace connectsphere::signaling
