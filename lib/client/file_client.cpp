#include "lib/client/file_client.hpp"

#include <algorithm>
#include <utility>

#include "lib/client/list_page.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxChunk = 512 << 10;   // whatever the server says
constexpr std::size_t kSendAhead = 256 << 10;  // bytes given to TLS before the kernel has taken them
constexpr std::size_t kHashPerTurn = 4 << 20;  // of bytes that need not be sent again: about 4 ms
constexpr Duration kAgain = 100ms;             // for a transfer that broke and can go on

}  // namespace

FileClient::FileClient(net::Loop& loop, Options options, Handlers handlers)
    : patience_(options.patience),
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
    if (jobs_.empty()) out_of_patience_.set(net::now() + patience_);
    jobs_.emplace(++last_job_, std::move(job));
    link_.open();
    turn_.request();
    return last_job_;
}

// ---- the connection

void FileClient::on_entered(const proto::FilesEntered& entered) {
    chunk_ = std::clamp<std::size_t>(entered.chunk_bytes(), 1, kMaxChunk);
    turn_.request();
}

void FileClient::on_lost() {
    requests_.clear();
    transfers_.clear();
    for (auto& [id, job] : jobs_) again(job, {});
    if (jobs_.empty()) link_.close();  // until there is something to do
}

void FileClient::give_up() {
    proto::Error error;
    error.set_code(proto::UNAVAILABLE);
    error.set_text("nothing moved for too long");
    link_.close();
    link_.hang_up();  // who does not answer takes no goodbye either
    fail_all({.error = error, .is_incomplete = true});
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
        default:
            break;
    }
    const auto asked = requests_.find(message.request_id());
    if (asked == requests_.end()) return;
    const auto id = asked->second;
    requests_.erase(asked);
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
    if (jobs_.empty()) out_of_patience_.cancel();
    turn_.request();
}

void FileClient::on_list(JobId id, Listing& listing, const proto::FileList& list) {
    listing.files.insert(listing.files.end(), list.files().begin(), list.files().end());
    if (list.more_after_file_id() != 0) return ask_for_more(id, listing, list.more_after_file_id());
    const auto files = std::move(listing.files);
    jobs_.erase(id);
    handlers_.on_list(id, files);
}

// The server looks for the next page while this one is taken apart.
void FileClient::on_arrival(Bytes message) {
    const auto page = list_page_in(message);
    if (page.more_after == 0) return;
    const auto asked = requests_.find(page.request);
    const auto job = asked == requests_.end() ? jobs_.end() : jobs_.find(asked->second);
    if (job == jobs_.end()) return;
    auto* listing = std::get_if<Listing>(&job->second.work);
    if (!listing) return;
    ask_for_more(job->first, *listing, page.more_after);
    link_.flush();
}

void FileClient::ask_for_more(JobId id, Listing& listing, std::uint64_t after) {
    if (std::exchange(listing.asked_after, after) == after) return;
    listing.query.set_after_file_id(after);
    proto::ClientMessage message;
    *message.mutable_list_files() = listing.query;
    request(id, std::move(message));
}

void FileClient::on_error(JobId id, const proto::Error& error) {
    auto& job = jobs_.at(id);
    if (!means_later(error)) return fail(id, Failure{.error = error});
    again(job, std::chrono::milliseconds(std::max(error.retry_after_ms(), 200U)));
}

void FileClient::on_transfer_failed(const proto::TransferFailed& failed) {
    const auto place = transfers_.find(failed.transfer_id());
    if (place == transfers_.end()) return;
    const auto id = place->second;
    transfers_.erase(place);
    if (!failed.resumable()) return fail(id, Failure{.error = failed.error()});
    again(jobs_.at(id), kAgain);
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
    if (const auto credit = transfer.credit()) link_.send(*credit);
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
    if (jobs_.empty()) out_of_patience_.cancel();
    turn_.request();
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
    out_of_patience_.set(net::now() + patience_);
    if (handlers_.on_progress) handlers_.on_progress(id, {.done = done, .total = total, .moved = job.moved});
}

void FileClient::again(Job& job, Duration later) {
    job.is_begun = false;
    if (auto* sending = std::get_if<Sending>(&job.work)) sending->is_finishing = false;
    job.not_before = net::now() + later;
    later_.set(job.not_before + 1ms);
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
    fail(id, Failure{.error = words});
}

void FileClient::fail(JobId id, Failure failure) {
    const auto place = jobs_.find(id);
    std::erase_if(transfers_, [&](const auto& transfer) { return transfer.second == id; });
    jobs_.erase(place);
    if (jobs_.empty()) out_of_patience_.cancel();
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
