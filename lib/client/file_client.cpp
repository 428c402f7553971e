#include "lib/client/file_client.hpp"
#include "lib/base/overloaded.hpp"

#include <algorithm>
#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxFrame = 1 << 20;     // as the server sends it: a page of a list, a chunk
constexpr std::size_t kSendAhead = 256 << 10;  // bytes given to TLS before the kernel has taken them
constexpr std::size_t kHashPerTurn = 4 << 20;  // of bytes that need not be sent again: about 4 ms
constexpr std::chrono::seconds kIdleProbe{5}, kUnacknowledged{10};

bool means_later(proto::ErrorCode code) { return code == proto::UNAVAILABLE || code == proto::RATE_LIMITED; }

}  // namespace

FileClient::FileClient(net::Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      parser_(kMaxFrame),
      turn_(loop.deferred([this] { take_turn(); })),
      hang_up_(loop.deferred([this] {
          if (const auto error = std::exchange(hang_up_error_, std::nullopt)) lose(*error);
      })),
      retry_(loop.timer([this] { connection_ ? turn_.request() : want_connection(); })),
      patience_(loop.timer([this] { give_up("nothing moved for too long"); })) {}

// ---- jobs

FileClient::JobId FileClient::upload(UploadPlan plan, LocalSource source) {
    return add({.work = Sending{.transfer = UploadTransfer(std::move(plan)), .source = std::move(source)}});
}

FileClient::JobId FileClient::download(proto::FileInfo file, PartFile part) {
    const auto size = part.size();
    return add(
        {.work = Fetching{.transfer = DownloadTransfer(std::move(file), size), .part = std::move(part)}});
}

FileClient::JobId FileClient::list(std::string search) {
    Listing listing;
    listing.query.set_search(std::move(search));
    return add({.work = std::move(listing)});
}

FileClient::JobId FileClient::remove(std::uint64_t file_id, std::string upload_key) {
    Removing removing;
    removing.request.set_file_id(file_id);
    removing.request.set_upload_key(std::move(upload_key));
    return add({.work = std::move(removing)});
}

FileClient::JobId FileClient::add(Job job) {
    if (jobs_.empty()) patience_.set(net::now() + options_.patience);
    jobs_.emplace(++last_job_, std::move(job));
    if (has_entered_) {
        turn_.request();
    } else if (!connection_ && !wants_ticket_) {
        want_connection();
    }
    return last_job_;
}

// ---- the connection

void FileClient::want_connection() {
    wants_ticket_ = true;
    retry_.set(net::now() + kTicketTimeout);  // the answer may never come: ask again
    handlers_.want_ticket();
}

void FileClient::ticket(const proto::Ticket& ticket) {
    if (ticket.plane() != proto::PLANE_FILES || !wants_ticket_ || connection_) return;
    wants_ticket_ = false;
    connect(ticket);
}

void FileClient::ticket_refused(const proto::Error& error) {
    if (!wants_ticket_ || connection_) return;
    if (!means_later(error.code())) {
        wants_ticket_ = false;
        retry_.cancel();
        for (auto jobs = jobs_.begin(); jobs != jobs_.end(); jobs = jobs_.begin())
            fail(jobs->first, Failure{.error = error});
        return;
    }
    retry_.set(net::now() + std::chrono::milliseconds(std::max(error.retry_after_ms(), 50U)));
}

void FileClient::connect(const proto::Ticket& ticket) {
    if (!tls_) {
        auto context = net::TlsContext::client();
        if (!context) return lose(context.error());
        tls_ = std::move(*context);
    }
    auto server = options_.server;
    server.port = static_cast<std::uint16_t>(ticket.port());
    ticket_.assign(ticket.ticket().begin(), ticket.ticket().end());
    auto fd = net::connect_tcp(server);
    if (!fd) return lose(fd.error());
    net::detect_dead_peer(fd->get(), kIdleProbe, kUnacknowledged);
    retry_.cancel();
    parser_ = wire::FrameParser(kMaxFrame);
    const auto on_open = [this] {
        if (const auto trusted = options_.verify(connection_->peer_fingerprint()); !trusted)
            return give_up(trusted.error().what);
        proto::ClientMessage message;
        message.mutable_enter_files()->set_ticket(ticket_.data(), ticket_.size());
        request(0, std::move(message));
    };
    connection_.emplace(loop_, *tls_, std::move(*fd), server,
                        net::TlsConnection::Handlers{.on_open = on_open,
                                                     .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                                                     .on_close = [this](const Error& error) { lose(error); },
                                                     .on_drained = [this] { turn_.request(); }});
}

void FileClient::lose(const Error&) {
    connection_.reset();
    has_entered_ = false;
    requests_.clear();
    transfers_.clear();
    for (auto& [id, job] : jobs_) {
        job.is_begun = false;
        if (auto* sending = std::get_if<Sending>(&job.work)) sending->is_finishing = false;
    }
    if (jobs_.empty()) return;
    retry_.set(net::now() + back_off_);
    back_off_ = std::min(2 * back_off_, kMaxRetry);
}

void FileClient::give_up(const std::string& why) {
    proto::Error error;
    error.set_code(proto::UNAVAILABLE);
    error.set_text(why);
    hang_up_error_ = Error{Errc::closed, why};
    hang_up_.request();
    while (!jobs_.empty()) fail(jobs_.begin()->first, Failure{.error = error, .is_incomplete = true});
    retry_.cancel();
}

void FileClient::on_bytes(Bytes bytes) {
    const auto fits = parser_.append(bytes);
    while (!hang_up_error_) {
        const auto frame = parser_.next();
        if (!frame || !fits) hang_up_error_ = frame ? fits.error() : frame.error();
        if (hang_up_error_ || !*frame) break;
        proto::ServerMessage message;
        if (!message.ParseFromArray((*frame)->message.data(), static_cast<int>((*frame)->message.size())))
            hang_up_error_ = Error{Errc::malformed, "message"};
        else
            on_message(message, (*frame)->data);
    }
    if (hang_up_error_) hang_up_.request();
}

// ---- what the server says

void FileClient::on_message(const proto::ServerMessage& message, Bytes data) {
    switch (message.arm_case()) {
        case proto::ServerMessage::kDownloadData:
            return on_data(message.download_data(), data);
        case proto::ServerMessage::kUploadCredit:
            if (const auto id = transfers_.find(message.upload_credit().transfer_id());
                id != transfers_.end()) {
                if (auto* sending = std::get_if<Sending>(&jobs_.at(id->second).work))
                    sending->transfer.credit(message.upload_credit());
            }
            return turn_.request();
        case proto::ServerMessage::kTransferFailed:
            return on_transfer_failed(message.transfer_failed());
        case proto::ServerMessage::kFilesEntered:
            has_entered_ = true;
            back_off_ = kFirstRetry;
            chunk_ = std::clamp<std::size_t>(message.files_entered().chunk_bytes(), 1, kMaxFrame / 2);
            return turn_.request();
        default:
            break;
    }
    const auto asked = requests_.find(message.request_id());
    if (asked == requests_.end()) return;
    const auto id = asked->second;
    requests_.erase(asked);
    if (id == 0) {  // the ticket was refused: it was too old, or the service has started anew
        hang_up_error_ = Error{Errc::refused, message.error().text()};
        return;
    }
    if (jobs_.contains(id)) on_answer(id, message);
}

void FileClient::on_answer(JobId id, const proto::ServerMessage& message) {
    auto& job = jobs_.at(id);
    if (message.has_error()) return on_error(id, message.error());
    if (auto* sending = std::get_if<Sending>(&job.work)) {
        if (message.has_upload_ready()) {
            if (const auto fits = sending->transfer.ready(message.upload_ready()); !fits)
                return fail(id, fits.error());
            transfers_[sending->transfer.id()] = id;
            return turn_.request();
        }
        if (!message.has_file_stored()) return;
        const auto file = message.file_stored().file();
        transfers_.erase(sending->transfer.id());
        jobs_.erase(id);
        handlers_.on_stored(id, file);
    } else if (auto* fetching = std::get_if<Fetching>(&job.work)) {
        if (const auto fits = fetching->transfer.ready(message.download_ready()); !fits)
            return fail(id, fits.error());
        transfers_[fetching->transfer.id()] = id;
        if (fetching->transfer.is_complete()) complete(id, *fetching);
    } else if (auto* listing = std::get_if<Listing>(&job.work)) {
        on_list(id, *listing, message.file_list());
    } else {
        jobs_.erase(id);
        handlers_.on_removed(id);
    }
    if (jobs_.empty()) patience_.cancel();
    turn_.request();
}

void FileClient::on_list(JobId id, Listing& listing, const proto::FileList& list) {
    listing.files.insert(listing.files.end(), list.files().begin(), list.files().end());
    if (list.more_after_file_id() != 0) {
        listing.query.set_after_file_id(list.more_after_file_id());
        proto::ClientMessage message;
        *message.mutable_list_files() = listing.query;
        return request(id, std::move(message));
    }
    const auto files = std::move(listing.files);
    jobs_.erase(id);
    handlers_.on_list(id, files);
}

void FileClient::on_error(JobId id, const proto::Error& error) {
    auto& job = jobs_.at(id);
    if (!means_later(error.code())) return fail(id, Failure{.error = error});
    again(job, std::chrono::milliseconds(std::max(error.retry_after_ms(), 200U)));
}

void FileClient::on_transfer_failed(const proto::TransferFailed& failed) {
    const auto place = transfers_.find(failed.transfer_id());
    if (place == transfers_.end()) return;
    const auto id = place->second;
    transfers_.erase(place);
    if (!failed.resumable()) return fail(id, Failure{.error = failed.error()});
    again(jobs_.at(id), kFirstRetry);
}

void FileClient::on_data(const proto::DownloadData& data, Bytes bytes) {
    const auto place = transfers_.find(data.transfer_id());
    if (place == transfers_.end()) return;
    const auto id = place->second;
    auto& job = jobs_.at(id);
    auto* fetching = std::get_if<Fetching>(&job.work);
    if (!fetching) return;
    auto& transfer = fetching->transfer;
    if (const auto fits = transfer.data(data.offset(), bytes.size()); !fits) return fail(id, fits.error());
    if (const auto written = fetching->part.append(bytes); !written) return fail(id, written.error());
    if (const auto credit = transfer.credit()) send(*credit);
    moved(id, job, bytes.size(), transfer.received(), transfer.file().size());
    if (transfer.is_complete()) complete(id, *fetching);
}

void FileClient::complete(JobId id, Fetching& fetching) {
    transfers_.erase(fetching.transfer.id());
    if (as_text(fetching.part.digest()) != fetching.transfer.file().sha256()) {
        // What an earlier attempt left was damaged: once more, from the start.
        if (std::exchange(fetching.was_restarted, true))
            return fail(id, Error{Errc::forged, "what arrived does not have the file's SHA-256"});
        if (const auto cleared = fetching.part.restart(); !cleared) return fail(id, cleared.error());
        fetching.transfer.restart();
        return again(jobs_.at(id), {});
    }
    if (const auto placed = fetching.part.complete(); !placed) return fail(id, placed.error());
    const auto file = fetching.transfer.file();
    jobs_.erase(id);
    handlers_.on_fetched(id, file);
    if (jobs_.empty()) patience_.cancel();
    turn_.request();
}

// ---- what we do

void FileClient::take_turn() {
    if (!has_entered_ || !connection_) return;
    begin_jobs();
    bool has_more = true;
    while (has_more && connection_ && connection_->buffered() < kSendAhead) {
        has_more = false;
        std::vector<JobId> sending;
        for (const auto& [transfer, id] : transfers_) sending.push_back(id);
        for (const auto id : sending) {  // one chunk each, then the next
            const auto job = jobs_.find(id);
            if (job == jobs_.end()) continue;
            auto* upload = std::get_if<Sending>(&job->second.work);
            if (upload && push(id, job->second, *upload)) has_more = true;
        }
    }
}

void FileClient::begin_jobs() {
    std::size_t under_way = 0;
    const auto now = net::now();
    std::vector<JobId> ready;
    for (auto& [id, job] : jobs_) {
        if (job.is_begun) {
            ++under_way;
        } else if (job.not_before <= now) {
            ready.push_back(id);
        }
    }
    for (const auto id : ready) {
        if (under_way >= kParallel) return;
        auto& job = jobs_.at(id);
        if (begin(id, job)) job.is_begun = true;
        ++under_way;
    }
}

// Whether it has begun: bytes that an earlier attempt left are hashed first, a few a turn.
bool FileClient::begin(JobId id, Job& job) {
    proto::ClientMessage message;
    if (auto* fetching = std::get_if<Fetching>(&job.work)) {
        auto& part = fetching->part;
        if (part.size() > fetching->transfer.file().size()) {
            if (const auto cleared = part.restart(); !cleared) return fail(id, cleared.error()), false;
            fetching->transfer.restart();
        }
        if (part.hashed() < part.size()) {
            if (const auto hashed = part.hash_on(kHashPerTurn); !hashed)
                return fail(id, hashed.error()), false;
            turn_.request();
            return false;
        }
        message = fetching->transfer.begin();
    } else if (auto* sending = std::get_if<Sending>(&job.work)) {
        message = sending->transfer.begin();
    } else if (auto* listing = std::get_if<Listing>(&job.work)) {
        *message.mutable_list_files() = listing->query;
    } else {
        *message.mutable_remove_file() = std::get<Removing>(job.work).request;
    }
    request(id, std::move(message));
    return true;
}

// Whether there may be more to send at once.
bool FileClient::push(JobId id, Job& job, Sending& sending) {
    auto& transfer = sending.transfer;
    auto& source = sending.source;
    if (sending.is_finishing) return false;
    if (source.hashed() < transfer.sent()) {  // the server has them from an earlier life of this client
        if (const auto hashed = source.hash_on(kHashPerTurn); !hashed) return fail(id, hashed.error()), true;
        turn_.request();
        return false;
    }
    if (transfer.is_sent()) {
        sending.is_finishing = true;
        const auto digest = source.digest();
        request(id, transfer.finish(digest));
        return false;
    }
    const auto span = transfer.next(chunk_);
    if (!span) return false;
    const auto message = transfer.data(*span);
    const auto data = wire::lay_out_frame(frame_, as_bytes(message.SerializeAsString()), span->size);
    if (const auto read = source.read(span->offset, data); !read) return fail(id, read.error()), true;
    if (connection_ && !connection_->send(frame_)) {
        hang_up_error_ = Error{Errc::full, "the server does not read"};
        hang_up_.request();
        return false;
    }
    moved(id, job, span->size, transfer.sent(), transfer.plan().size);
    return true;
}

void FileClient::moved(JobId id, Job& job, std::uint64_t bytes, std::uint64_t done, std::uint64_t total) {
    job.moved += bytes;
    patience_.set(net::now() + options_.patience);
    if (handlers_.on_progress) handlers_.on_progress(id, {.done = done, .total = total, .moved = job.moved});
}

void FileClient::again(Job& job, Duration later) {
    job.is_begun = false;
    if (auto* sending = std::get_if<Sending>(&job.work)) sending->is_finishing = false;
    job.not_before = net::now() + later;
    retry_.set(job.not_before + 1ms);
}

void FileClient::fail(JobId id, const Error& error) {
    proto::Error words;
    words.set_code(error.code == Errc::full ? proto::STORAGE_FULL : proto::BAD_REQUEST);
    words.set_text(error.what);
    for (const auto& [transfer, job] : transfers_) {
        if (job != id) continue;
        proto::ClientMessage message;
        message.set_request_id(++last_request_);
        message.mutable_cancel_transfer()->set_transfer_id(transfer);
        send(message);
    }
    fail(id, Failure{.error = words});
}

void FileClient::fail(JobId id, Failure failure) {
    const auto place = jobs_.find(id);
    std::erase_if(transfers_, [&](const auto& transfer) { return transfer.second == id; });
    jobs_.erase(place);
    if (jobs_.empty()) patience_.cancel();
    handlers_.on_failed(id, failure);
}

void FileClient::request(JobId id, proto::ClientMessage message) {
    message.set_request_id(++last_request_);
    requests_[last_request_] = id;
    send(message);
}

void FileClient::send(const proto::ClientMessage& message, Bytes data) {
    if (!connection_) return;
    Buffer frame;
    wire::append_frame(frame, as_bytes(message.SerializeAsString()), data);
    if (connection_->send(frame)) return;
    hang_up_error_ = Error{Errc::full, "the server does not read"};
    hang_up_.request();
}

}  // namespace connectsphere::client
