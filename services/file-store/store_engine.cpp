#include "services/file-store/store_engine.hpp"

#include <stdexcept>

#include "services/common/answers.hpp"
#include "services/common/frames.hpp"
#include "services/common/metrics.hpp"

namespace connectsphere::file_store {

namespace {

constexpr double kMebibyte = 1 << 20;

bool is_moderator(const proto::Participant* participant) {
    return participant && (participant->role() == proto::HOST || participant->role() == proto::MODERATOR);
}

}  // namespace

StoreEngine::StoreEngine(const EngineContext& context, std::unique_ptr<Storage> storage)
    : context_(context),
      storage_(std::move(storage)),
      door_(proto::PLANE_FILES, context.entropy,
            [this](const auto&, proto::ServerMessage& reply) {
                greet(context_, *reply.mutable_files_entered());
            }),
      buffers_(kSpareBuffers),
      upload_pace_(kMebibyte * context.config.files.upload_mebibytes_per_second),
      download_pace_(kMebibyte * context.config.files.download_mebibytes_per_second) {
    auto contents = storage_->load();
    if (!contents) throw std::runtime_error(contents.error().what);
    last_file_id_ = contents->last_file_id;
    for (auto& file : contents->files) {
        catalogue_.reserve(file.room, file.info.size());
        catalogue_.add(std::move(file));
    }
    for (auto& facts : contents->uploads) {
        catalogue_.reserve(facts.room, facts.info.size());
        promised_ += facts.info.size() - facts.received;
        const auto id = facts.id;
        uploads_[id].facts = std::move(facts);
    }
    sweep_at_ = Time{};
}

// ---- who comes in

void StoreEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    door_.on_ctl(message, now, out);
}

void StoreEngine::on_state(const proto::StateMessage& message, Time, Outbox& out) {
    door_.on_state(message, out);
}

void StoreEngine::greet(const EngineContext& context, proto::FilesEntered& limits) {
    limits.set_chunk_bytes(kChunk);
    limits.set_window_bytes(kDownloadWindow);
    limits.set_transfers(kMaxTransfers);
    limits.set_max_file_bytes(context.config.files.max_file_mebibytes << 20);
}

void StoreEngine::on_frame(ConnectionId id, wire::FrameView frame, Time now, Outbox& out) {
    proto::ClientMessage message;
    const auto guest = door_.on_frame(id, frame.message, message, now, out);
    const auto* room = guest ? door_.mirror().room(guest->room) : nullptr;
    if (!room) return;
    dispatch({id, guest->session, connections_[id], *room, message.request_id(), now, out}, message, frame);
}

void StoreEngine::dispatch(const Caller& caller, const proto::ClientMessage& message,
                           const wire::FrameView& frame) {
    switch (message.arm_case()) {
        case proto::ClientMessage::kUploadData:
            return handle(caller, message.upload_data(), frame);
        case proto::ClientMessage::kDownloadCredit:
            return handle(caller, message.download_credit());
        case proto::ClientMessage::kBeginUpload:
            return handle(caller, message.begin_upload());
        case proto::ClientMessage::kFinishUpload:
            return handle(caller, message.finish_upload());
        case proto::ClientMessage::kBeginDownload:
            return handle(caller, message.begin_download());
        case proto::ClientMessage::kCancelTransfer:
            return handle(caller, message.cancel_transfer());
        case proto::ClientMessage::kListFiles:
            return handle(caller, message.list_files());
        case proto::ClientMessage::kRemoveFile:
            return handle(caller, message.remove_file());
        default:
            return refuse(caller, proto::BAD_REQUEST, "The file plane does not handle this request.");
    }
}

void StoreEngine::on_close(ConnectionId id, Time, Outbox&) {
    door_.on_close(id);
    const auto known = connections_.find(id);
    if (known == connections_.end()) return;
    for (const auto& [transfer, upload] : known->second.uploads) {
        if (const auto place = uploads_.find(upload); place != uploads_.end()) {
            place->second.connection = {};  // before the connection goes
            detach(place->second);
        }
    }
    connections_.erase(known);
}

void StoreEngine::handle(const Caller& caller, const proto::ListFiles& query) {
    const auto page = catalogue_.list(caller.room.name(), caller.session, query);
    proto::ServerMessage reply;
    auto& list = *reply.mutable_file_list();
    list.set_more_after_file_id(page.more_after);
    // Lent to the message while it is written: copies of a thousand files cost more than all the rest.
    for (const auto* file : page.files)
        list.mutable_files()->UnsafeArenaAddAllocated(const_cast<proto::FileInfo*>(file));
    answer(caller, reply);
    while (!list.files().empty()) list.mutable_files()->UnsafeArenaReleaseLast();
}

void StoreEngine::handle(const Caller& caller, const proto::RemoveFile& request) {
    const auto session = caller.session;
    const auto* file = catalogue_.find(request.file_id());
    const bool has_key =
        file && !request.upload_key().empty() && wire::sha256(as_bytes(request.upload_key())) == file->upload;
    if (!file || file->room != caller.room.name() || !(has_key || may_see(file->info, session)))
        return refuse(caller, proto::NOT_FOUND, "There is no such file in this room.");
    const bool is_owner = has_key || file->info.owner_session_id() == session.value;
    if (!is_owner && !is_moderator(door_.mirror().participant(session)))
        return refuse(caller, proto::FORBIDDEN, "Only its owner, a moderator or the host may remove a file.");
    if (removals_ >= kMaxRemovals) return refuse(caller, proto::UNAVAILABLE, "The disk is busy: try again.");
    remove(*file, [this, id = caller.id, request_id = caller.request](const Result<void>& removed, Time,
                                                                      Outbox& out) {
        proto::ServerMessage reply;
        reply.set_request_id(request_id);
        reply.mutable_done();
        if (!removed)
            reply = error_message(request_id, proto::UNAVAILABLE, "The server could not remove the file.");
        if (connections_.contains(id)) out.frames.push_back(frame_to(id, reply));
    });
}

void StoreEngine::remove(const StoredFile& file,
                         std::function<void(const Result<void>&, Time, Outbox&)> done) {
    Sha256 content{};
    std::copy(file.info.sha256().begin(), file.info.sha256().end(), content.begin());
    const auto removed = std::make_shared<Result<void>>();  // shared by the job and what follows it
    ++removals_;
    context_.offload(
        [storage = storage_.get(), removed, id = file.info.file_id(), content] {
            *removed = storage->remove(id, content);
        },
        [this, removed, id = file.info.file_id(), done = std::move(done)](Time now, Outbox& out) {
            --removals_;
            if (const auto* gone = catalogue_.find(id); gone && *removed) {
                proto::ServerMessage event;
                event.mutable_file_removed()->set_file_id(id);
                event.mutable_file_removed()->set_name(gone->info.name());
                announce(*gone, event, out);
                catalogue_.remove(id);
            }
            done(*removed, now, out);
        });
}

void StoreEngine::handle(const Caller& caller, const proto::CancelTransfer& cancel) {
    const auto transfer = cancel.transfer_id();
    if (const auto place = caller.connection.downloads.find(transfer);
        place != caller.connection.downloads.end()) {
        caller.connection.in_flight -= place->second.sent - place->second.acked;
        caller.connection.downloads.erase(place);
        queue(caller.id, caller.connection);
    } else {
        UploadId id{};
        const auto* upload = upload_of(caller, transfer, id);
        if (!upload) return refuse(caller, proto::NOT_FOUND, "There is no such transfer.");
        if (upload->phase == Phase::storing)
            return refuse(caller, proto::UNAVAILABLE, "The file is being stored: too late to cancel.");
        discard(id);
    }
    proto::ServerMessage reply;
    reply.mutable_done();
    answer(caller, reply);
    pump(caller.now, caller.out);
}

// ---- time

Time StoreEngine::deadline() const {
    Time earliest = sweep_at_;
    if (!runnable_.empty()) earliest = std::min(earliest, download_pace_.free_at());
    if (!waiting_.empty()) earliest = std::min(earliest, upload_pace_.free_at());
    return earliest;
}

void StoreEngine::on_time(Time now, Outbox& out) {
    while (!waiting_.empty() && upload_pace_.is_free(now)) {
        const auto upload = uploads_.find(waiting_.front());
        waiting_.pop_front();
        if (upload == uploads_.end()) continue;
        upload->second.is_waiting = false;
        give_credit(upload->second, out);
    }
    pump(now, out);
    if (now < sweep_at_) return;
    sweep_at_ = now + kSweepGap;
    sweep(now, out);
}

void StoreEngine::sweep(Time now, Outbox& out) {
    const auto wall = unix_ms(now);
    std::uint64_t last = 0;
    while (removals_ < kMaxRemovals) {
        const auto* file = catalogue_.expired(wall);
        if (!file || file->info.file_id() == last) break;
        last = file->info.file_id();
        remove(*file, [](const Result<void>&, Time, Outbox&) {});
        break;  // one is under way; its place in the order is freed when it is gone
    }
    const std::uint64_t keep_ms = std::uint64_t{context_.config.files.unfinished_hours} * 3'600'000;
    std::vector<UploadId> stalled, forgotten;
    for (const auto& [id, upload] : uploads_) {
        if (upload.phase == Phase::receiving && now - upload.moved_at >= kStall) stalled.push_back(id);
        if (upload.phase == Phase::resting && upload.facts.touched_at + keep_ms <= wall)
            forgotten.push_back(id);
    }
    for (const auto& id : stalled)
        fail_upload(id, Keep::bytes, proto::UNAVAILABLE, "Nothing came for too long.", out);
    for (const auto& id : forgotten) discard(id);
    for (auto& [id, connection] : connections_) {
        std::vector<std::uint32_t> stuck;
        for (const auto& [transfer, download] : connection.downloads) {
            if (download.sent > download.acked && now - download.moved_at >= kStall)
                stuck.push_back(transfer);
        }
        for (const auto transfer : stuck) {
            fail_download(id, connection, transfer, proto::UNAVAILABLE, "Nothing was taken for too long.",
                          out);
        }
        // What it was sent lies in its queue: only a new connection can be of use.
        if (!stuck.empty()) out.closes.push_back(id);
    }
}

void StoreEngine::fill_beat(proto::Beat& beat) const {
    const auto gauge = [&](const char* name, const char* help, auto value) {
        add_gauge(beat, name, help, static_cast<double>(value));
    };
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        add_counter(beat, name, help, static_cast<double>(value));
    };
    std::size_t downloads = 0, sending = 0;
    for (const auto& [id, connection] : connections_) {
        downloads += connection.downloads.size();
        sending += connection.uploads.size();
    }
    gauge("known_sessions", "Sessions that the service knows of", door_.mirror().session_count());
    gauge("files_stored", "Files in all rooms", catalogue_.size());
    gauge("files_used_bytes", "Bytes of the quota in use, unfinished uploads included",
          catalogue_.usage().bytes);
    gauge("files_disk_available_bytes", "Free space of the disk", storage_->available());
    gauge("files_uploads", "Uploads under way", sending);
    gauge("files_uploads_unfinished", "Uploads that are not complete, under way or not", uploads_.size());
    gauge("files_downloads", "Downloads under way", downloads);
    counter("files_stored_total", "Uploads completed", counters_.stored);
    counter("files_fetched_total", "Downloads completed", counters_.fetched);
    counter("files_failed_total", "Transfers that ended without success", counters_.failed);
    counter("files_received_bytes_total", "Bytes of files received", counters_.received_bytes);
    counter("files_sent_bytes_total", "Bytes of files sent", counters_.sent_bytes);
    counter("refused_requests_total", "Requests refused", counters_.refused + door_.refused());
}

// ---- answers

void StoreEngine::answer(const Caller& caller, proto::ServerMessage& message) const {
    message.set_request_id(caller.request);
    caller.out.frames.push_back(frame_to(caller.id, message));
}

void StoreEngine::refuse(const Caller& caller, proto::ErrorCode code, std::string text) {
    ++counters_.refused;
    caller.out.frames.push_back(frame_to(caller.id, error_message(caller.request, code, std::move(text))));
}

std::uint64_t StoreEngine::unix_ms(Time now) const {
    using std::chrono::milliseconds;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(context_.to_wall(now).time_since_epoch()).count());
}

}  // namespace connectsphere::file_store
