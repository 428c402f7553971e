#include "services/file-store/catalogue.hpp"

#include <algorithm>

namespace connectsphere::file_store {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
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

void Catalogue::add(StoredFile file) {
    const auto id = file.info.file_id();
    auto& room = rooms_[file.room];
    auto& version = room.versions[file.info.name()];
    version = std::max(version, file.info.version());
    rooms_of_[id] = file.room;
    uploads_[file.upload] = id;
    if (file.info.expires_at() != 0) expiries_.emplace(file.info.expires_at(), id);
    auto& entry = room.files[id];
    entry.wire = on_the_wire(file.info);
    entry.file = std::move(file);
}

void Catalogue::remove(std::uint64_t file_id) {
    auto* room = room_of(file_id);
    if (!room) return;
    const auto place = room->files.find(file_id);
    const auto& file = place->second.file;
    uploads_.erase(file.upload);
    expiries_.erase({file.info.expires_at(), file_id});
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

Catalogue::Page Catalogue::list(const std::string& room, SessionId session,
                                const proto::ListFiles& query) const {
    Page page;
    const auto place = rooms_.find(room);
    if (place == rooms_.end()) return page;
    const auto& files = place->second.files;
    const auto limit = query.limit() == 0 ? kPage : std::min<std::size_t>(query.limit(), kPage);
    const auto wanted = lower(query.search());
    page.files.reserve(kPageBytes);
    std::uint64_t last = 0;
    for (auto it = files.upper_bound(query.after_file_id()); it != files.end(); ++it) {
        const auto& [file, wire] = it->second;
        const auto& info = file.info;
        if (!may_see(info, session)) continue;
        if (!wanted.empty() && lower(info.name()).find(wanted) == std::string::npos) continue;
        if (page.count == limit || page.files.size() + wire.size() > kPageBytes) {
            page.more_after = last;
            break;
        }
        page.files += wire;
        ++page.count;
        last = it->first;
    }
    return page;
}

std::uint32_t Catalogue::next_version(const std::string& room, const std::string& name) {
    return ++rooms_[room].versions[name];
}

const StoredFile* Catalogue::expired(std::uint64_t unix_ms) const {
    if (expiries_.empty() || expiries_.begin()->first > unix_ms) return nullptr;
    return find(expiries_.begin()->second);
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
