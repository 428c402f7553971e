// The ends of an upload: it becomes a file once it is whole, has the hash that its sender claims and is on
// disk; or it fails; or its connection goes, and it rests until somebody goes on with it.
#include "services/common/answers.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

void StoreEngine::handle(const Caller& caller, const proto::FinishUpload& finish) {
    UploadId id{};
    auto* upload = upload_of(caller, finish.transfer_id(), id);
    if (!upload || upload->phase != Phase::receiving)
        return refuse(caller, proto::NOT_FOUND, "There is no such transfer.");
    if (upload->arrived != upload->facts.info.size()) {
        refuse(caller, proto::BAD_REQUEST, "The file is shorter than was announced.");
        return fail_upload(id, Keep::nothing, proto::BAD_REQUEST, "The upload is thrown away.", caller.out);
    }
    upload->request = caller.request;
    upload->claimed = finish.sha256();
    upload->phase = Phase::checking;
    check(id, *upload, caller.now, caller.out);
}

void StoreEngine::check(const UploadId& id, Upload& upload, Time now, Outbox& out) {
    if (upload.hashed < upload.facts.info.size()) return write_on(upload);
    if (upload.is_securing) return;  // a failure must be known before
    const auto content = upload.sink->digest();
    if (as_text(content) == upload.claimed) return store(id, upload, content, now);
    ++counters_.refused;
    out.frames.push_back(frame_to(
        upload.connection, error_message(upload.request, proto::BAD_REQUEST,
                                         "The content does not have this SHA-256: it changed on the way.")));
    fail_upload(id, Keep::nothing, proto::BAD_REQUEST, "The upload is thrown away.", out);
}

// ---- the file

void StoreEngine::store(const UploadId& id, Upload& upload, const Sha256& content, Time now) {
    // Shared by the job and what follows it.
    const auto shared = std::make_shared<StoredFile>(
        StoredFile{.info = upload.facts.info, .room = upload.facts.room, .upload = id});
    auto& file = *shared;
    const auto stored_at = unix_ms(now);
    const auto keep_ms = std::uint64_t{context_.config.files.keep_hours} * 3'600'000;
    file.info.set_file_id(++last_file_id_);
    file.info.set_sha256(content.data(), content.size());
    file.info.set_stored_at(stored_at);
    file.info.set_expires_at(keep_ms == 0 ? 0 : stored_at + keep_ms);
    upload.phase = Phase::storing;
    upload.life = ++last_life_;
    const auto stored = std::make_shared<Result<void>>();
    work(
        {}, [storage = storage_.get(), stored, shared] { *stored = storage->finish(*shared); },
        [this, stored, id, shared, life = upload.life](Time, Outbox& out) {
            const auto place = uploads_.find(id);
            if (place != uploads_.end() && place->second.life == life) on_stored(id, *shared, *stored, out);
        });
}

void StoreEngine::on_stored(const UploadId& id, const StoredFile& file, const Result<void>& stored,
                            Outbox& out) {
    auto& upload = uploads_.at(id);
    if (!stored) {
        const bool is_full = stored.error().code == Errc::full;
        upload.phase = Phase::receiving;
        if (upload.connection && upload.request != 0)
            out.frames.push_back(
                frame_to(upload.connection,
                         error_message(upload.request, is_full ? proto::STORAGE_FULL : proto::UNAVAILABLE,
                                       "The server could not store the file.")));
        return fail_upload(id, is_full ? Keep::nothing : Keep::bytes,
                           is_full ? proto::STORAGE_FULL : proto::UNAVAILABLE,
                           "The server could not store the file.", out);
    }
    ++counters_.stored;
    if (upload.connection) {
        proto::ServerMessage reply;
        reply.set_request_id(upload.request);
        *reply.mutable_file_stored()->mutable_file() = file.info;
        out.frames.push_back(frame_to(upload.connection, reply));
    }
    proto::ServerMessage event;
    *event.mutable_file_announced()->mutable_file() = file.info;
    announce(file, event, out);
    detach(upload);
    uploads_.erase(id);
    orphans_.add(file.info);
    catalogue_.add(file);  // takes over the place that was reserved
}

void StoreEngine::announce(const StoredFile& file, const proto::ServerMessage& event, Outbox& out) const {
    proto::ToGateway message;
    auto& deliver = *message.mutable_deliver();
    for (const auto& [id, room] : door_.mirror().rooms()) {
        if (room.name() != file.room) continue;
        for (const auto& participant : room.participants()) {
            if (may_see(file.info, {participant.session_id()}))
                deliver.add_session_ids(participant.session_id());
        }
    }
    if (deliver.session_ids().empty()) return;
    event.SerializeToString(deliver.mutable_server_message());
    out.to_gateway.push_back(std::move(message));
}

void StoreEngine::fail_upload(const UploadId& id, Keep keep, proto::ErrorCode code, std::string text,
                              Outbox& out) {
    auto& upload = uploads_.at(id);
    ++counters_.failed;
    if (upload.connection && upload.phase == Phase::opening) {
        out.frames.push_back(
            frame_to(upload.connection, error_message(upload.request, code, std::move(text))));
    } else if (upload.connection) {
        proto::ServerMessage event;
        auto& failed = *event.mutable_transfer_failed();
        failed.set_transfer_id(upload.transfer);
        failed.mutable_error()->set_code(code);
        failed.mutable_error()->set_text(std::move(text));
        failed.set_resumable(keep == Keep::bytes);
        out.frames.push_back(frame_to(upload.connection, event));
    }
    if (keep == Keep::nothing) return discard(id);
    if (upload.phase == Phase::opening) upload.phase = Phase::receiving;  // the disk has answered
    rest(upload);
}

// Nobody sends it any more, for now: what has come may have to outlast the machine.
void StoreEngine::rest(Upload& upload) {
    if (upload.phase == Phase::receiving || upload.phase == Phase::checking) {
        write_on(upload);
        secure(upload);
    }
    detach(upload);
}

// Its connection is gone or has no use for it any more; its bytes stay. What the disk works at goes on.
void StoreEngine::detach(Upload& upload) {
    if (const auto place = connections_.find(upload.connection); place != connections_.end())
        place->second.uploads.erase(upload.transfer);
    upload.connection = {};
    if (upload.phase != Phase::receiving && upload.phase != Phase::checking) return;
    write_on(upload);  // what has arrived need not come again
    upload.phase = Phase::resting;
    upload.file.reset();
}

void StoreEngine::discard(const UploadId& id) {
    const auto place = uploads_.find(id);
    auto& upload = place->second;
    upload.batch = {};
    detach(upload);
    promised_ -= upload.facts.info.size() - upload.facts.received;
    const SessionId owner{upload.facts.info.owner_session_id()};
    catalogue_.release(upload.facts.room, upload.facts.info.size());
    uploads_.erase(place);
    work(
        owner, [storage = storage_.get(), id] { (void)storage->discard(id); }, [](Time, Outbox&) {});
}

}  // namespace connectsphere::file_store
