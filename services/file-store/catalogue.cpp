#include "services/file-store/catalogue.hpp"

#include <algorithm>

namespace connectsphere::file_store {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Without a copy: a search looks at thousands of names in the engine's turn.
bool contains(std::string_view name, std::string_view wanted) {
    return std::search(name.begin(), name.end(), wanted.begin(), wanted.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != name.end();
}

// Fields of a message that are written one after another are that message.
std::string on_the_wire(const proto::FileInfo& info) {
    proto::FileList list;
    list.mutable_files()->UnsafeArenaAddAllocated(const_cast<proto::FileInfo*>(&info));  // lent, not copied
    auto wire = list.SerializeAsString();
    list.mutable_files()->UnsafeArenaReleaseLast();
    return wire;
}

}  // namespace

bool may_see(const proto::FileInfo& file, SessionId session) {
    return file.to_session_id() == 0 || file.to_session_id() == session.value ||
           file.owner_session_id() == session.value;
}

bool is_over(const proto::FileInfo& file, std::uint64_t unix_ms) {
    return file.expires_at() != 0 && file.expires_at() <= unix_ms;
}

void Catalogue::add(StoredFile file) {
    const auto id = file.info.file_id();
    auto& room = rooms_[file.room];
    rooms_of_[id] = file.room;
    uploads_[file.upload] = id;
    const auto expires_at = file.info.expires_at();
    auto& entry = room.files[id];
    entry.wire = on_the_wire(file.info);
    entry.file = std::move(file);
    enter_due(id, entry, expires_at);
}

void Catalogue::remove(std::uint64_t file_id) {
    auto* room = room_of(file_id);
    if (!room) return;
    const auto place = room->files.find(file_id);
    const auto& file = place->second.file;
    uploads_.erase(file.upload);
    enter_due(file_id, place->second, 0);
    const auto name = file.room;
    const auto bytes = file.info.size();
    room->files.erase(place);
    rooms_of_.erase(file_id);
    release(name, bytes);
}

const StoredFile* Catalogue::find(std::uint64_t file_id) const {
    const auto name = rooms_of_.find(file_id);
    return name == rooms_of_.end() ? nullptr : &rooms_.at(name->second).files.at(file_id).file;
}

const StoredFile* Catalogue::find_upload(const UploadId& upload) const {
    const auto place = uploads_.find(upload);
    return place == uploads_.end() ? nullptr : find(place->second);
}

Catalogue::Page Catalogue::list(const std::string& room, SessionId session, const proto::ListFiles& query,
                                std::uint64_t unix_ms) const {
    Page page;
    const auto place = rooms_.find(room);
    if (place == rooms_.end()) return page;
    const auto& files = place->second.files;
    const auto limit = query.limit() == 0 ? kPage : std::min<std::size_t>(query.limit(), kPage);
    page.files.reserve(kPageBytes);
    std::uint64_t last = 0;
    std::size_t scanned = 0;
    for (auto it = files.upper_bound(query.after_file_id()); it != files.end(); ++it, ++scanned) {
        const auto& wire = it->second.wire;
        const auto& info = it->second.file.info;
        const bool is_wanted =
            may_see(info, session) && !is_over(info, unix_ms) && contains(info.name(), query.search());
        if (scanned == kScan ||
            (is_wanted && (page.count == limit || page.files.size() + wire.size() > kPageBytes))) {
            page.more_after = last;
            break;
        }
        last = it->first;
        if (!is_wanted) continue;
        page.files += wire;
        ++page.count;
    }
    return page;
}

std::vector<StoredFile> Catalogue::due(std::uint64_t unix_ms, std::size_t count) const {
    std::vector<StoredFile> files;
    for (auto it = dues_.begin(); it != dues_.end() && it->first <= unix_ms && files.size() < count; ++it)
        files.push_back(*find(it->second));
    return files;
}

void Catalogue::set_due(std::uint64_t file_id, std::uint64_t unix_ms) {
    if (auto* room = room_of(file_id)) enter_due(file_id, room->files.at(file_id), unix_ms);
}

void Catalogue::enter_due(std::uint64_t file_id, Entry& entry, std::uint64_t unix_ms) {
    dues_.erase({entry.due, file_id});
    entry.due = unix_ms;
    if (unix_ms != 0) dues_.emplace(unix_ms, file_id);
}

void Catalogue::reserve(const std::string& room, std::uint64_t bytes) {
    for (auto* usage : {&rooms_[room].usage, &total_}) {
        usage->bytes += bytes;
        ++usage->files;
    }
}

void Catalogue::release(const std::string& room, std::uint64_t bytes) {
    for (auto* usage : {&rooms_[room].usage, &total_}) {
        usage->bytes -= bytes;
        --usage->files;
    }
    if (rooms_[room].usage.files == 0) rooms_.erase(room);
}

Catalogue::Usage Catalogue::usage(const std::string& room) const {
    const auto place = rooms_.find(room);
    return place == rooms_.end() ? Usage{} : place->second.usage;
}

Catalogue::Room* Catalogue::room_of(std::uint64_t file_id) {
    const auto name = rooms_of_.find(file_id);
    return name == rooms_of_.end() ? nullptr : &rooms_.at(name->second);
}

}  // namespace connectsphere::file_store
