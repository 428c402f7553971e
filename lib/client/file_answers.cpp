// FileClient: what the server says.
#include <algorithm>
#include <utility>

#include "lib/client/file_client.hpp"
#include "lib/client/list_page.hpp"

namespace connectsphere::client {

namespace {

constexpr Duration kAgain = 100ms;  // for a transfer that broke and can go on

}  // namespace

void FileClient::on_message(const proto::ServerMessage& message, Bytes data) {
    switch (message.arm_case()) {
        case proto::ServerMessage::kDownloadData:
            return on_data(message.download_data(), data);
        case proto::ServerMessage::kUploadCredit:  // also says that the server still checks what it has
            touch();
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
            sending->was_resumed = message.upload_ready().offset() > 0;
            transfers_[sending->transfer.id()] = id;
            return turn_.request();
        }
        if (!message.has_file_stored()) return;
        const auto file = message.file_stored().file();
        finish(id);
        handlers_.on_stored(id, file);
    } else if (auto* fetching = std::get_if<Fetching>(&job.work)) {
        if (const auto fits = fetching->transfer.ready(message.download_ready()); !fits)
            return fail(id, fits.error());
        transfers_[fetching->transfer.id()] = id;
        if (fetching->transfer.is_complete()) complete(id, *fetching);
    } else if (auto* listing = std::get_if<Listing>(&job.work)) {
        on_list(id, *listing, message.file_list());
    } else {
        finish(id);
        handlers_.on_removed(id);
    }
    turn_.request();
}

void FileClient::on_list(JobId id, Listing& listing, const proto::FileList& list) {
    listing.files.insert(listing.files.end(), list.files().begin(), list.files().end());
    if (list.more_after_file_id() != 0) {
        touch();
        return ask_for_more(id, listing, list.more_after_file_id());
    }
    const auto files = std::move(listing.files);
    finish(id);
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
    auto* sending = std::get_if<Sending>(&job.work);
    if (sending && sending->is_finishing && sending->was_resumed && error.code() == proto::BAD_REQUEST &&
        !std::exchange(sending->was_restarted, true))
        return again(id, job, {});  // what the server had of it was damaged: once more, from the start
    if (!means_later(error)) return fail(id, Failure{.error = error});
    again(id, job, std::chrono::milliseconds(std::max(error.retry_after_ms(), 200U)));
}

void FileClient::on_transfer_failed(const proto::TransferFailed& failed) {
    const auto place = transfers_.find(failed.transfer_id());
    if (place == transfers_.end()) return;
    const auto id = place->second;
    transfers_.erase(place);
    if (!failed.resumable()) return fail(id, Failure{.error = failed.error()});
    again(id, jobs_.at(id), kAgain);
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
    unacknowledged_ += bytes.size();
    if (unacknowledged_ >= credit_step_ || transfer.is_complete()) acknowledge();
    moved(id, job, bytes.size(), transfer.received(), transfer.file().size());
    if (transfer.is_complete()) complete(id, *fetching);
}

void FileClient::acknowledge() {
    unacknowledged_ = 0;
    for (const auto& [transfer, id] : transfers_) {
        auto* fetching = std::get_if<Fetching>(&jobs_.at(id).work);
        if (fetching && fetching->transfer.unacknowledged() > 0) link_.send(fetching->transfer.credit());
    }
}

void FileClient::complete(JobId id, Fetching& fetching) {
    transfers_.erase(fetching.transfer.id());
    if (as_text(fetching.part.digest()) != fetching.transfer.file().sha256()) {
        // What an earlier attempt left was damaged: once more, from the start.
        if (std::exchange(fetching.was_restarted, true))
            return fail(id, Error{Errc::forged, "what arrived does not have the file's SHA-256"});
        if (const auto cleared = fetching.part.restart(); !cleared) return fail(id, cleared.error());
        return again(id, jobs_.at(id), {});
    }
    fetching.placing = std::async(std::launch::async,
                                  [id, &part = fetching.part, &loop = loop_, self = std::weak_ptr(self_)] {
                                      auto placed = part.complete();
                                      loop.post([id, self] {
                                          if (const auto client = self.lock()) (*client)->on_placed(id);
                                      });
                                      return placed;
                                  });
}

void FileClient::on_placed(JobId id) {
    const auto place = jobs_.find(id);
    if (place == jobs_.end()) return;
    auto& fetching = std::get<Fetching>(place->second.work);
    if (const auto placed = fetching.placing.get(); !placed) return fail(id, placed.error());
    const auto file = fetching.transfer.file();
    finish(id);
    handlers_.on_fetched(id, file);
}

}  // namespace connectsphere::client
