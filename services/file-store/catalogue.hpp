// The catalogue: every file that is stored, in memory, so that a list of 100,000 files needs no disk. It
// knows what is where and how much of the quotas is used; the index on disk is its durable copy.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/id.hpp"
#include "services/file-store/storage.hpp"

namespace connectsphere::file_store {

class Catalogue {
  public:
    // Files that are stored, and uploads that have their place already.
    struct Usage {
        std::uint64_t bytes = 0;
        std::uint64_t files = 0;
    };

    // A page of a list is put together from what each file is on the wire: made once, for the messages of
    // 100,000 files take longer to write than to send.
    struct Page {
        std::string files;             // a FileList, serialised, without its end
        std::size_t count = 0;         // of files
        std::uint64_t more_after = 0;  // FileList::more_after_file_id
    };

    void add(StoredFile file);  // its bytes are reserved until then by reserve()
    void remove(std::uint64_t file_id);
    const StoredFile* find(std::uint64_t file_id) const;
    const StoredFile* find_upload(const UploadId& upload) const;
    // Files of the room that `session` may see and whose time has not come, in the order of their ids.
    Page list(const std::string& room, SessionId session, const proto::ListFiles& query,
              std::uint64_t unix_ms) const;
    // At most `count` files that are due to be removed by `unix_ms`: they have expired, unless set_due() said
    // another time.
    std::vector<StoredFile> due(std::uint64_t unix_ms, std::size_t count) const;
    void set_due(std::uint64_t file_id, std::uint64_t unix_ms);

    void reserve(const std::string& room, std::uint64_t bytes);
    void release(const std::string& room, std::uint64_t bytes);
    Usage usage(const std::string& room) const;
    const Usage& usage() const { return total_; }
    std::size_t size() const { return rooms_of_.size(); }

    static constexpr std::size_t kPage = 4000;            // files, and
    static constexpr std::size_t kPageBytes = 512 << 10;  // bytes of them in one answer; and
    static constexpr std::size_t kScan = 10'000;          // files that one list looks at

  private:
    struct Entry {
        StoredFile file;
        std::string wire;       // file.info in a FileList, serialised
        std::uint64_t due = 0;  // Unix milliseconds; 0: never
    };
    struct Room {
        std::map<std::uint64_t, Entry> files;
        Usage usage;
    };
    Room* room_of(std::uint64_t file_id);
    void enter_due(std::uint64_t file_id, Entry& entry, std::uint64_t unix_ms);

    std::unordered_map<std::string, Room> rooms_;
    std::unordered_map<std::uint64_t, std::string> rooms_of_;  // by file
    std::map<UploadId, std::uint64_t> uploads_;                // their files
    std::set<std::pair<std::uint64_t, std::uint64_t>> dues_;   // time, file
    Usage total_;
};

// Whether `session` may see, fetch and know of the file, given that it is in its room.
bool may_see(const proto::FileInfo& file, SessionId session);
// Whether its time has come, though it may not be removed yet.
bool is_over(const proto::FileInfo& file, std::uint64_t unix_ms);

}  // namespace connectsphere::file_store
