// Uploads. The key that the client chose names one: a connection, a session, a life of this process may end,
// and whoever shows the key again goes on where the bytes on disk end.
//
//   resting ─Begin─► opening ─(disk)─► receiving ─Finish─► checking ─(hash)─► storing ─(disk)─► stored
//      ▲──────────────── connection gone ────┴───────────────────┘
#include <algorithm>

#include "services/common/answers.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

namespace {

constexpr Duration kBusy = 1s;  // then the disk may have done something
constexpr std::size_t kKeyBytes = 32, kNameBytes = 255, kMediaTypeBytes = 127;

proto::Error error_of(proto::ErrorCode code, std::string text) {
    proto::Error error;
    error.set_code(code);
    error.set_text(std::move(text));
    return error;
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

// ---- beginning

std::optional<proto::Error> StoreEngine::fault_in(const Caller& caller,
                                                  const proto::BeginUpload& begin) const {
    if (begin.upload_key().size() != kKeyBytes)
        return error_of(proto::BAD_REQUEST, "upload_key must have 32 bytes.");
    if (begin.name().empty() || begin.name().size() > kNameBytes)
        return error_of(proto::BAD_REQUEST, "A file's name must have 1 to 255 bytes.");
    if (has_control_characters(begin.name()) || has_control_characters(begin.media_type()))
        return error_of(proto::BAD_REQUEST, "A file's name and type must have no control characters.");
    if (begin.media_type().size() > kMediaTypeBytes)
        return error_of(proto::BAD_REQUEST, "media_type must have at most 127 bytes.");
    if (begin.to_session_id() != 0 &&
        door_.mirror().room_of({begin.to_session_id()}) != RoomId{caller.room.room_id()})
        return error_of(proto::NOT_FOUND, "The one whom this file is for is not in the room.");
    return std::nullopt;
}

void StoreEngine::handle(const Caller& caller, const proto::BeginUpload& begin) {
    const auto refuse_with = [&](const proto::Error& error) { refuse(caller, error.code(), error.text()); };
    if (const auto fault = fault_in(caller, begin)) return refuse_with(*fault);
    const auto id = wire::sha256(as_bytes(begin.upload_key()));
    if (const auto* file = catalogue_.find_upload(id)) {  // the answer got lost
        if (is_over(file->info, unix_ms(caller.now)))
            return refuse(caller, proto::UNAVAILABLE, "This file has expired and is being removed.");
        if (file->room != caller.room.name())
            return refuse(caller, proto::NOT_FOUND, "There is no such upload.");
        proto::ServerMessage reply;
        *reply.mutable_file_stored()->mutable_file() = file->info;
        return answer(caller, reply);
    }
    if (is_full(caller.connection)) return refuse(caller, proto::RATE_LIMITED, "Too many transfers at once.");
    if (is_busy(caller.session))
        return refuse_for_now(caller, kBusy, "The disk is busy with what you asked for: try again.");
    auto known = uploads_.find(id);
    if (known == uploads_.end()) {
        if (const auto fault = make_room(caller, begin.size())) return refuse_with(*fault);
        known = uploads_.try_emplace(id).first;
        auto& facts = known->second.facts;
        facts.id = id;
        facts.room = caller.room.name();
        facts.info.set_name(begin.name());
        facts.info.set_size(begin.size());
        facts.info.set_media_type(begin.media_type());
        facts.info.set_to_session_id(begin.to_session_id());
        catalogue_.reserve(facts.room, begin.size());
        promised_ += begin.size();
    }
    auto& upload = known->second;
    auto& facts = upload.facts;
    if (facts.room != caller.room.name() || facts.info.name() != begin.name() ||
        facts.info.size() != begin.size())
        return refuse(caller, proto::BAD_REQUEST, "This key belongs to another upload.");
    if (upload.phase == Phase::opening || upload.phase == Phase::storing)
        return refuse(caller, proto::UNAVAILABLE,
                      "The disk is busy with this upload: try again in a moment.");
    supersede(upload, caller.out);
    facts.info.set_owner_session_id(caller.session.value);
    if (const auto* owner = door_.mirror().participant(caller.session))
        facts.info.set_owner_name(owner->name());
    if (begin.to_session_id() != 0) facts.info.set_to_session_id(begin.to_session_id());
    facts.touched_at = unix_ms(caller.now);
    upload.connection = caller.id;
    upload.transfer = ++caller.connection.last_transfer;
    upload.request = caller.request;
    upload.moved_at = caller.now;
    caller.connection.uploads.emplace(upload.transfer, id);
    open_upload(id, upload, caller.session);
}

// Its connection is broken, and not known to be; or somebody sends the same file twice at once. The newest
// one goes on, and the other must not try again, or they would take it from each other for ever.
void StoreEngine::supersede(Upload& upload, Outbox& out) {
    if (!upload.connection) return;
    ++counters_.failed;
    proto::ServerMessage event;
    auto& failed = *event.mutable_transfer_failed();
    failed.set_transfer_id(upload.transfer);
    failed.mutable_error()->set_code(proto::ALREADY_JOINED);
    failed.mutable_error()->set_text("The same upload was begun again: that one goes on with it.");
    out.frames.push_back(frame_to(upload.connection, event));
    detach(upload);
}

void StoreEngine::open_upload(const UploadId& id, Upload& upload, SessionId session) {
    using Opened = Result<std::shared_ptr<OpenFile>>;
    upload.phase = Phase::opening;
    upload.life = ++last_life_;
    // Shared by the job and what follows it.
    const auto opened = std::make_shared<Opened>(Error{Errc::unavailable, "not opened yet"});
    work(
        session,
        [storage = storage_.get(), opened, facts = upload.facts] { *opened = storage->begin(facts); },
        [this, opened, id, life = upload.life](Time now, Outbox& out) {
            on_opened(id, life, *opened, now, out);
        });
}

void StoreEngine::on_opened(const UploadId& id, std::uint64_t life,
                            const Result<std::shared_ptr<OpenFile>>& file, Time now, Outbox& out) {
    const auto place = uploads_.find(id);
    if (place == uploads_.end() || place->second.life != life) return;
    auto& upload = place->second;
    if (!file) return fail_by_disk(id, upload, file.error(), out);
    upload.file = *file;
    promised_ += upload.facts.received;
    upload.facts.received = std::min(upload.file->size(), upload.facts.info.size());
    promised_ -= upload.facts.received;
    upload.facts.synced = std::min(upload.facts.synced, upload.facts.received);
    upload.sink->go_on_at(upload.facts.received);  // jobs run in order: none of it is under way
    upload.hashed = upload.sink->progress().hashed;
    receive(upload, now, out);
    if (upload.phase == Phase::receiving) write_on(upload);
}

void StoreEngine::receive(Upload& upload, Time now, Outbox& out) {
    upload.phase = Phase::receiving;
    if (!upload.connection) {  // it went while the disk worked
        upload.phase = Phase::resting;
        upload.file.reset();
        return;
    }
    upload.moved_at = now;
    upload.arrived = upload.facts.received;
    upload.limit = std::min(upload.facts.info.size(), upload.facts.received + kUploadWindow);
    proto::ServerMessage reply;
    reply.set_request_id(upload.request);
    auto& ready = *reply.mutable_upload_ready();
    ready.set_transfer_id(upload.transfer);
    ready.set_offset(upload.facts.received);
    ready.set_limit(upload.limit);
    out.frames.push_back(frame_to(upload.connection, reply));
}

}  // namespace connectsphere::file_store
