#include "services/file-store/store_engine.hpp"

#include <stdexcept>

#include "services/common/answers.hpp"
#include "services/common/frames.hpp"
#include "services/common/metrics.hpp"
#include "services/file-store/list_frame.hpp"

namespace connectsphere::file_store {

namespace {

constexpr double kMebibyte = 1 << 20;
constexpr Duration kBusy = 1s;  // then the disk may have done something

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
        orphans_.add(file.info);
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
    for (const auto session : door_.on_state(message, out).left) forget(session);
    knows_rooms_ = true;
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
            rest(place->second);
        }
    }
    connections_.erase(known);
}

void StoreEngine::handle(const Caller& caller, const proto::ListFiles& query) {
    auto& lists = sessions_[caller.session].lists;
    if (!lists.take(caller.now))
        return refuse_for_now(caller, lists.wait(caller.now), "Too many lists: they cost the others time.");
    const auto page = catalogue_.list(caller.room.name(), caller.session, query, unix_ms(caller.now));
    caller.out.frames.push_back({.to = {caller.id}, .frame = list_frame(caller.request, page)});
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
    if (removals_ >= kMaxRemovals || is_busy(session))
        return refuse_for_now(caller, kBusy, "The disk is busy: try again.");
    remove(
        session, *file,
        [this, id = caller.id, request_id = caller.request](const Result<void>& removed, Time, Outbox& out) {
            proto::ServerMessage reply;
            reply.set_request_id(request_id);
            reply.mutable_done();
            if (!removed)
                reply =
                    error_message(request_id, proto::UNAVAILABLE, "The server could not remove the file.");
            if (connections_.contains(id)) out.frames.push_back(frame_to(id, reply));
        });
}

void StoreEngine::remove(SessionId session, const StoredFile& file,
                         std::function<void(const Result<void>&, Time, Outbox&)> done) {
    Sha256 content{};
    std::copy(file.info.sha256().begin(), file.info.sha256().end(), content.begin());
    const auto removed = std::make_shared<Result<void>>();  // shared by the job and what follows it
    ++removals_;
    work(
        session,
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
                orphans_.forget(id);
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
