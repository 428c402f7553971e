// The bytes of an upload: those that have arrived wait in a batch for a job that writes and hashes them. The
// sender may send up to kUploadWindow beyond what is written, so that is the most that waits.
#include "services/common/answers.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

StoreEngine::Upload* StoreEngine::upload_of(const Caller& caller, std::uint32_t transfer, UploadId& id) {
    const auto place = caller.connection.uploads.find(transfer);
    if (place == caller.connection.uploads.end()) return nullptr;
    id = place->second;
    return &uploads_.at(id);
}

void StoreEngine::handle(const Caller& caller, const proto::UploadData& data, const wire::FrameView& frame) {
    UploadId id{};
    auto* upload = upload_of(caller, data.transfer_id(), id);
    if (!upload) return;                    // it has failed, and its sender will hear of it
    if (upload->phase == Phase::storing) {  // it is whole, and the disk has it: nothing adds to it any more
        ++counters_.refused;
        return;
    }
    const auto size = frame.data.size();
    if (upload->phase != Phase::receiving || size == 0 || size > kChunk || data.offset() != upload->arrived ||
        size > upload->limit - upload->arrived) {
        // Beyond the size that was announced, or not what was asked for: nothing of it can be believed.
        return fail_upload(id, Keep::nothing, proto::BAD_REQUEST,
                           "The data are not what was announced: wrong offset, or more than the limit.",
                           caller.out);
    }
    upload->batch.add(frame.data, frame.block);
    upload->arrived += size;
    upload->moved_at = caller.now;
    counters_.received_bytes += size;
    upload_pace_.spend(size, caller.now);
    if (upload->sink->jobs < UploadSink::kJobs) write_on(*upload);
}

// Begins a job with what there is to do.
void StoreEngine::write_on(Upload& upload) {
    struct Job {
        UploadBatch batch;
        Result<void> taken;
        UploadSink::Progress progress;
    };
    const bool is_behind = upload.hashed < upload.facts.received && upload.sink->jobs == 0;
    if (upload.batch.is_empty() && !is_behind) return;
    ++upload.sink->jobs;
    const auto job = std::make_shared<Job>();  // shared by the job and what follows it
    job->batch = std::exchange(upload.batch, {});
    work(
        {},
        [job, file = upload.file, sink = upload.sink] {
            job->taken = sink->take(*file, job->batch);
            job->progress = sink->progress();
        },
        [this, job, id = upload.facts.id, sink = upload.sink](Time now, Outbox& out) {
            job->batch = {};  // its memory is free again in this thread, where it is used
            --sink->jobs;
            const auto place = uploads_.find(id);
            if (place == uploads_.end() || place->second.sink != sink) return;
            auto& written = place->second;
            promised_ -= job->progress.written - written.facts.received;
            written.facts.received = job->progress.written;
            written.hashed = job->progress.hashed;
            on_written(id, written, job->taken, now, out);
        });
}

void StoreEngine::on_written(const UploadId& id, Upload& upload, const Result<void>& written, Time now,
                             Outbox& out) {
    if (upload.phase != Phase::receiving && upload.phase != Phase::checking) return;
    if (!written) return fail_by_disk(id, upload, written.error(), out);
    upload.moved_at = now;
    if (upload.facts.received >= upload.facts.synced + kSyncStep) secure(upload);
    if (upload.phase == Phase::checking) return check(id, upload, now, out);
    write_on(upload);
    ask_for_credit(id, upload, now, out);
}

void StoreEngine::fail_by_disk(const UploadId& id, const Upload& upload, const Error& error, Outbox& out) {
    const bool is_full = error.code == Errc::full;
    const auto code = is_full ? proto::STORAGE_FULL : proto::UNAVAILABLE;
    const char* text = is_full ? "The server's disk is full." : "The server's disk does not answer.";
    if (upload.phase == Phase::checking && upload.connection)
        out.frames.push_back(frame_to(upload.connection, error_message(upload.request, code, text)));
    const bool is_lost = is_full || error.code == Errc::truncated;
    fail_upload(id, is_lost ? Keep::nothing : Keep::bytes, code, text, out);
}

// More may come when what came is written and the pace allows it; not while the hash is far behind.
void StoreEngine::ask_for_credit(const UploadId& id, Upload& upload, Time now, Outbox& out) {
    const auto& facts = upload.facts;
    if (upload.phase != Phase::receiving || upload.is_waiting || upload.limit == facts.info.size() ||
        upload.limit - facts.received > kUploadWindow / 2)
        return;
    if (facts.received - upload.hashed > UploadSink::kBehind) return;
    if (upload_pace_.is_free(now)) return give_credit(upload, out);
    upload.is_waiting = true;
    waiting_.push_back(id);
}

void StoreEngine::give_credit(Upload& upload, Outbox& out) {
    if (upload.phase != Phase::receiving) return;
    upload.limit = std::min(upload.facts.info.size(), upload.facts.received + kUploadWindow);
    send_credit(upload, out);
}

void StoreEngine::send_credit(const Upload& upload, Outbox& out) const {
    proto::ServerMessage event;
    auto& credit = *event.mutable_upload_credit();
    credit.set_transfer_id(upload.transfer);
    credit.set_received(upload.facts.received);
    credit.set_limit(upload.limit);
    out.frames.push_back(frame_to(upload.connection, event));
}

// Whether its sender can do nothing until the disk, the hash or the pace of all uploads is there.
bool StoreEngine::waits_for_us(const Upload& upload) {
    if (!upload.connection) return false;
    if (upload.phase == Phase::checking || upload.phase == Phase::storing) return true;
    const bool has_no_credit =
        upload.limit < upload.facts.info.size() && upload.limit - upload.arrived < kChunk;
    return upload.phase == Phase::receiving && (has_no_credit || upload.arrived > upload.facts.received);
}

// ---- power cuts

// What has been written by then survives one.
void StoreEngine::secure(Upload& upload) {
    struct Job {
        std::uint64_t bytes = 0;
        Result<void> done;
    };
    if (upload.is_securing || !upload.file || upload.arrived == upload.facts.synced) return;
    upload.is_securing = true;
    const auto job = std::make_shared<Job>();  // shared by the job and what follows it
    work(
        {},
        [job, storage = storage_.get(), id = upload.facts.id, file = upload.file, sink = upload.sink] {
            job->bytes = sink->progress().written;
            job->done = storage->secure(id, *file, job->bytes);
        },
        [this, job, id = upload.facts.id, sink = upload.sink](Time now, Outbox& out) {
            const auto place = uploads_.find(id);
            if (place == uploads_.end() || place->second.sink != sink) return;
            auto& secured = place->second;
            secured.is_securing = false;
            // The kernel says once that it could not write: finish() would not hear of it.
            if (!job->done)
                return fail_upload(id, Keep::nothing, proto::UNAVAILABLE, "The server lost what it had.",
                                   out);
            secured.facts.synced = job->bytes;
            if (secured.phase == Phase::checking) check(id, secured, now, out);
        });
}

}  // namespace connectsphere::file_store
