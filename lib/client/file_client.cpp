#include "lib/client/file_client.hpp"

#include <algorithm>
#include <utility>

#include "lib/net/clock.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxChunk = 512 << 10;   // whatever the server says
constexpr std::size_t kSendAhead = 256 << 10;  // bytes given to TLS before the kernel has taken them
constexpr std::size_t kHashPerTurn = 4 << 20;  // of bytes that need not be sent again: about 4 ms

}  // namespace

FileClient::FileClient(net::Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      patience_(options.patience),
      handlers_(std::move(handlers)),
      link_(
          loop, proto::PLANE_FILES, std::move(options.link),
          {.want_ticket = [this] { handlers_.want_ticket(); },
           .on_entered = [this](const auto& message) { on_entered(message.files_entered()); },
           .on_arrival = [this](Bytes message) { on_arrival(message); },
           .on_message = [this](const auto& message, Bytes data, std::size_t) { on_message(message, data); },
           .on_lost = [this] { on_lost(); },
           .on_drained = [this] { turn_.request(); },
           .on_refused = [this](const proto::Error& error) { fail_all({.error = error}); }}),
      turn_(loop.deferred([this] { take_turn(); })),
      later_(loop.timer([this] { turn_.request(); })),
      out_of_patience_(loop.timer([this] { give_up(); })) {}

// ---- jobs

FileClient::JobId FileClient::upload(UploadPlan plan, LocalSource source) {
    return add({.work = Sending{.transfer = UploadTransfer(std::move(plan)), .source = std::move(source)}});
}

FileClient::JobId FileClient::download(proto::FileInfo file, PartFile part) {
    return add({.work = Fetching{.transfer = DownloadTransfer(std::move(file)), .part = std::move(part)}});
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
    if (jobs_.empty()) touch();
    jobs_.emplace(++last_job_, std::move(job));
    waiting_.insert(last_job_);
    link_.open();
    turn_.request();
    return last_job_;
}

// ---- the connection

void FileClient::on_entered(const proto::FilesEntered& entered) {
    chunk_ = std::clamp<std::size_t>(entered.chunk_bytes(), 1, kMaxChunk);
    // Half of the window at most, or a server that has sent all it may would wait for ever.
    credit_step_ = std::min<std::uint64_t>(DownloadTransfer::kCreditStep, entered.window_bytes() / 2);
    unacknowledged_ = 0;
    turn_.request();
}

void FileClient::on_lost() {
    requests_.clear();
    transfers_.clear();
    for (auto& [id, job] : jobs_) again(id, job, {});
    if (jobs_.empty()) link_.close();  // until there is something to do
}

void FileClient::give_up() {
    const auto is_placing = [](const auto& job) {
        const auto* fetching = std::get_if<Fetching>(&job.second.work);
        return fetching && fetching->placing.valid();
    };
    if (std::any_of(jobs_.begin(), jobs_.end(), is_placing)) return touch();  // our own disk is slow
    proto::Error error;
    error.set_code(proto::UNAVAILABLE);
    error.set_text("nothing moved for too long");
    link_.close();
    link_.hang_up();  // who does not answer takes no goodbye either
    fail_all({.error = error, .is_incomplete = true});
}

// ---- what we do

void FileClient::take_turn() {
    if (!link_.is_entered()) return;
    begin_jobs();
    bool has_more = true;
    while (has_more && link_.is_entered() && link_.buffered() < kSendAhead) {
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
    const auto under_way = jobs_.size() - waiting_.size();
    const auto now = net::now();
    auto next = kNever;
    std::vector<JobId> ready;
    for (const auto id : waiting_) {
        if (under_way + ready.size() >= kParallel) break;
        const auto not_before = jobs_.at(id).not_before;
        if (not_before <= now) {
            ready.push_back(id);
        } else {
            next = std::min(next, not_before);
        }
    }
    later_.set(next);
    for (const auto id : ready) {
        if (begin(id, jobs_.at(id))) waiting_.erase(id);
    }
}

// Whether it has begun: bytes that an earlier attempt left are hashed first, a few a turn.
bool FileClient::begin(JobId id, Job& job) {
    proto::ClientMessage message;
    if (auto* fetching = std::get_if<Fetching>(&job.work)) {
        const auto is_ready = prepare(*fetching);
        if (!is_ready) return fail(id, is_ready.error()), false;
        if (!*is_ready) return touch(), turn_.request(), false;
        message = fetching->transfer.begin();
    } else if (auto* sending = std::get_if<Sending>(&job.work)) {
        if (const auto opened = sending->source.open(); !opened) return fail(id, opened.error()), false;
        message = sending->transfer.begin();
    } else if (auto* listing = std::get_if<Listing>(&job.work)) {
        *message.mutable_list_files() = listing->query;
    } else {
        *message.mutable_remove_file() = std::get<Removing>(job.work).request;
    }
    request(id, std::move(message));
    return true;
}

// Whether all that is there of it has been hashed.
Result<bool> FileClient::prepare(Fetching& fetching) {
    auto& part = fetching.part;
    if (const auto opened = part.open(); !opened) return opened.error();
    if (part.size() > fetching.transfer.file().size()) {
        if (const auto cleared = part.restart(); !cleared) return cleared.error();
    }
    if (const auto hashed = part.hash_on(kHashPerTurn); !hashed) return hashed.error();
    fetching.transfer.go_on_at(part.size());
    return part.hashed() == part.size();
}

// Whether there may be more to send at once.
bool FileClient::push(JobId id, Job& job, Sending& sending) {
    auto& transfer = sending.transfer;
    auto& source = sending.source;
    if (sending.is_finishing) return false;
    if (source.hashed() < transfer.sent()) {  // the server has them from an earlier life of this client
        if (const auto hashed = source.hash_on(kHashPerTurn); !hashed) return fail(id, hashed.error()), true;
        touch();
        turn_.request();
        return false;
    }
    if (transfer.is_sent()) {
        if (const auto same = source.check_unchanged(); !same) return fail(id, same.error()), true;
        sending.is_finishing = true;
        const auto digest = source.digest();
        request(id, transfer.finish(digest));
        return false;
    }
    const auto span = transfer.next_in_frame(chunk_);
    if (!span) return false;
    const auto message = transfer.data(*span);
    const auto data = wire::lay_out_frame(frame_, as_bytes(message.SerializeAsString()), span->size);
    if (const auto read = source.read(span->offset, data); !read) return fail(id, read.error()), true;
    if (!link_.send_frame(frame_)) return false;
    moved(id, job, span->size, transfer.sent(), transfer.plan().size);
    return true;
}

void FileClient::moved(JobId id, Job& job, std::uint64_t bytes, std::uint64_t done, std::uint64_t total) {
    job.moved += bytes;
    touch();
    if (handlers_.on_progress) handlers_.on_progress(id, {.done = done, .total = total, .moved = job.moved});
}

void FileClient::again(JobId id, Job& job, Duration later) {
    auto* sending = std::get_if<Sending>(&job.work);
    auto* fetching = std::get_if<Fetching>(&job.work);
    if (fetching && fetching->placing.valid()) return;  // it needs nobody any more
    if (sending) sending->is_finishing = false;
    if (later > Duration{}) {  // others go first, with files of their own
        if (sending) sending->source.close();
        if (fetching) fetching->part.close();
    }
    std::erase_if(transfers_, [&](const auto& transfer) { return transfer.second == id; });
    job.not_before = net::now() + later;
    waiting_.insert(id);
    turn_.request();
}

void FileClient::finish(JobId id) {
    std::erase_if(transfers_, [&](const auto& transfer) { return transfer.second == id; });
    waiting_.erase(id);
    jobs_.erase(id);
    if (jobs_.empty())
        out_of_patience_.cancel();
    else
        touch();
    turn_.request();
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
        link_.send(message);
    }
    // What a full disk of ours has taken of a download stays.
    const bool is_incomplete =
        error.code == Errc::full && std::holds_alternative<Fetching>(jobs_.at(id).work);
    fail(id, Failure{.error = words, .is_incomplete = is_incomplete});
}

void FileClient::fail(JobId id, const Failure& failure) {
    finish(id);
    handlers_.on_failed(id, failure);
}

void FileClient::fail_all(const Failure& failure) {
    while (!jobs_.empty()) fail(jobs_.begin()->first, failure);
}

void FileClient::request(JobId id, proto::ClientMessage message) {
    message.set_request_id(++last_request_);
    requests_[last_request_] = id;
    link_.send(message);
}

}  // namespace connectsphere::client
