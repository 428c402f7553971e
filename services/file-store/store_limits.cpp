// Limits: how much of the disk's time and room one session, one room and all together may have. What is full
// of uploads that nobody sends gives way to who wants to send.
#include <algorithm>

#include "services/common/answers.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

namespace {

std::string in_words(std::uint64_t bytes) {
    return bytes < (10 << 20) ? std::to_string(bytes >> 10) + " KiB" : std::to_string(bytes >> 20) + " MiB";
}

std::uint64_t left(std::uint64_t limit, std::uint64_t used) { return limit > used ? limit - used : 0; }

}  // namespace

// ---- jobs of the disk

// Whether the session must wait with what makes a job: the queue has no limit of its own.
bool StoreEngine::is_busy(SessionId session) const {
    const auto known = sessions_.find(session);
    return jobs_ >= kMaxJobs || (known != sessions_.end() && known->second.jobs >= kMaxSessionJobs);
}

// `session`: who asked for it; zero: nobody.
void StoreEngine::work(SessionId session, std::function<void()> job,
                       std::function<void(Time, Outbox&)> done) {
    ++jobs_;
    if (session) ++sessions_[session].jobs;
    context_.offload(std::move(job), [this, session, done = std::move(done)](Time now, Outbox& out) {
        --jobs_;
        worked_at_ = now;
        if (session) {
            --sessions_.at(session).jobs;
            if (!door_.mirror().participant(session)) forget(session);
        }
        done(now, out);
    });
}

// It has left; what the disk still does for it is counted to the end.
void StoreEngine::forget(SessionId session) {
    const auto known = sessions_.find(session);
    if (known != sessions_.end() && known->second.jobs == 0) sessions_.erase(known);
}

void StoreEngine::refuse_for_now(const Caller& caller, Duration retry, std::string text) {
    ++counters_.refused;
    ++counters_.limited;
    auto reply = error_message(caller.request, proto::RATE_LIMITED, std::move(text));
    reply.mutable_error()->set_retry_after_ms(
        static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::milliseconds>(retry).count()));
    caller.out.frames.push_back(frame_to(caller.id, reply));
}

// ---- room for an upload

StoreEngine::Taken StoreEngine::taken_for(const Caller& caller) const {
    Taken taken{.room = catalogue_.usage(caller.room.name()),
                .server = catalogue_.usage(),
                .promised = promised_,
                .uploads = uploads_.size()};
    for (const auto& [id, upload] : uploads_) {
        taken.session_uploads += upload.facts.info.owner_session_id() == caller.session.value;
        taken.room_uploads += upload.facts.room == caller.room.name();
    }
    return taken;
}

void StoreEngine::give_back(Taken& taken, const Caller& caller, const Upload& upload) const {
    const auto& info = upload.facts.info;
    const bool is_of_room = upload.facts.room == caller.room.name();
    if (is_of_room) {
        taken.room.bytes -= info.size();
        --taken.room.files;
        --taken.room_uploads;
    }
    taken.server.bytes -= info.size();
    --taken.server.files;
    taken.promised -= info.size() - upload.facts.received;
    taken.session_uploads -= info.owner_session_id() == caller.session.value;
    --taken.uploads;
}

std::optional<StoreEngine::Shortage> StoreEngine::shortage_of(const Taken& taken, std::uint64_t bytes) const {
    const auto& limits = context_.config.files;
    const auto shortage = [](Scope scope, proto::ErrorCode code, std::string text) {
        Shortage found{.scope = scope, .error = {}};
        found.error.set_code(code);
        found.error.set_text(std::move(text));
        return found;
    };
    if (bytes > limits.max_file_mebibytes << 20)
        return shortage(Scope::nobody, proto::TOO_LARGE,
                        "A file may have at most " + in_words(limits.max_file_mebibytes << 20) + ".");
    const auto room_left = left(limits.room_mebibytes << 20, taken.room.bytes);
    if (bytes > room_left)
        return shortage(Scope::room, proto::STORAGE_FULL,
                        "The room has " + in_words(room_left) + " left for files: remove some.");
    if (taken.room.files >= limits.room_files)
        return shortage(Scope::room, proto::STORAGE_FULL, "The room has too many files: remove some.");
    if (bytes > left(limits.server_mebibytes << 20, taken.server.bytes))
        return shortage(Scope::server, proto::STORAGE_FULL, "The server has no room left for this file.");
    if (bytes > left(storage_->available(), taken.promised + kDiskReserve))
        return shortage(Scope::server, proto::STORAGE_FULL,
                        "The server's disk has no room left for this file.");
    if (taken.session_uploads >= kMaxSessionUploads)
        return shortage(Scope::session, proto::RATE_LIMITED,
                        "You have too many unfinished uploads: finish or cancel some.");
    if (taken.room_uploads >= kMaxRoomUploads)
        return shortage(Scope::room, proto::RATE_LIMITED,
                        "The room has too many unfinished uploads: try again later.");
    if (taken.uploads >= kMaxUploads)
        return shortage(Scope::server, proto::RATE_LIMITED,
                        "The server has too many unfinished uploads: try again later.");
    return std::nullopt;
}

// Told before the first byte: an upload that has begun has its place. Nothing is thrown away unless that
// helps.
std::optional<proto::Error> StoreEngine::make_room(const Caller& caller, std::uint64_t bytes) {
    auto taken = taken_for(caller);
    const auto first = shortage_of(taken, bytes);
    if (!first) return std::nullopt;
    std::vector<const Upload*> idle;
    for (const auto& [id, upload] : uploads_) {
        if (upload.phase == Phase::resting && caller.now - upload.moved_at >= kIdle) idle.push_back(&upload);
    }
    std::sort(idle.begin(), idle.end(), [](const auto* a, const auto* b) {
        return std::pair(a->facts.received, a->moved_at) < std::pair(b->facts.received, b->moved_at);
    });
    std::vector<UploadId> given_up;
    for (auto shortage = first; shortage; shortage = shortage_of(taken, bytes)) {
        const auto is_in_the_way = [&](const Upload* upload) {
            const auto& info = upload->facts.info;
            return shortage->scope == Scope::server ||
                   (shortage->scope == Scope::room && upload->facts.room == caller.room.name()) ||
                   (shortage->scope == Scope::session && info.owner_session_id() == caller.session.value);
        };
        const auto next = std::find_if(idle.begin(), idle.end(), is_in_the_way);
        if (next == idle.end()) {
            counters_.limited += first->error.code() == proto::RATE_LIMITED;
            return first->error;
        }
        give_back(taken, caller, **next);
        given_up.push_back((*next)->facts.id);
        idle.erase(next);
    }
    for (const auto& id : given_up) discard(id);
    counters_.evicted += given_up.size();
    return std::nullopt;
}

}  // namespace connectsphere::file_store
