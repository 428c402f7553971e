// The clock's work: credit and data that wait for the pace, files whose time has come, transfers that stand
// still, uploads that nobody goes on with; and the figures for /status.
#include <utility>

#include "services/common/metrics.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

namespace {

std::uint64_t in_ms(Duration time) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

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
    if (!std::exchange(was_swept_, true)) {  // what an earlier life left has its time from now on
        for (auto& [id, upload] : uploads_) upload.moved_at = now;
    }
    sweep_files(now);
    sweep_uploads(now, out);
    sweep_downloads(now, out);
}

// A few at a time: the disk has other work, too.
void StoreEngine::sweep_files(Time now) {
    const auto wall = unix_ms(now);
    // Before signaling has said who is here, nobody can be missed.
    if (knows_rooms_) {
        const auto is_here = [&](SessionId session) {
            return door_.mirror().participant(session) != nullptr;
        };
        for (const auto id : orphans_.look(now, is_here)) catalogue_.set_due(id, wall);
    }
    if (expiries_ > 0) return;
    for (const auto& file : catalogue_.due(wall, kMaxExpiries)) {
        // Until then it is under way, or was refused by the disk: the others need not wait for it.
        catalogue_.set_due(file.info.file_id(), wall + in_ms(kRemovalRetry));
        ++expiries_;
        remove({}, file, [this](const Result<void>& removed, Time then, Outbox&) {
            counters_.expired += removed.has_value();
            if (--expiries_ == 0) sweep_at_ = then;  // there may be more
        });
    }
}

void StoreEngine::sweep_uploads(Time now, Outbox& out) {
    const auto wall = unix_ms(now);
    const std::uint64_t keep_ms = std::uint64_t{context_.config.files.unfinished_hours} * 3'600'000;
    std::vector<UploadId> stalled, forgotten;
    const bool does_disk_work = now - worked_at_ < kDiskPatience;
    for (auto& [id, upload] : uploads_) {
        if (does_disk_work && waits_for_us(upload)) {  // no news are news: who waits need not give up
            send_credit(upload, out);
            upload.moved_at = now;
        }
        const auto idle = now - upload.moved_at;
        if (upload.phase == Phase::receiving && idle >= kStall) stalled.push_back(id);
        if (upload.phase != Phase::resting) continue;
        if (upload.facts.touched_at + keep_ms <= wall || (upload.facts.received == 0 && idle >= kEmptyLife))
            forgotten.push_back(id);
    }
    for (const auto& id : stalled)
        fail_upload(id, Keep::bytes, proto::UNAVAILABLE, "Nothing came for too long.", out);
    for (const auto& id : forgotten) discard(id);
}

void StoreEngine::sweep_downloads(Time now, Outbox& out) {
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
    gauge("files_disk_jobs", "Jobs of the disk that are not done", jobs_);
    counter("files_stored_total", "Uploads completed", counters_.stored);
    counter("files_fetched_total", "Downloads completed", counters_.fetched);
    counter("files_failed_total", "Transfers that ended without success", counters_.failed);
    counter("files_expired_total", "Files removed since their time had come", counters_.expired);
    counter("files_evicted_total", "Idle uploads thrown away for others that needed their place",
            counters_.evicted);
    counter("files_limited_total", "Requests put off: too many lists, jobs or unfinished uploads",
            counters_.limited);
    counter("files_received_bytes_total", "Bytes of files received", counters_.received_bytes);
    counter("files_sent_bytes_total", "Bytes of files sent", counters_.sent_bytes);
    counter("refused_requests_total", "Requests refused", counters_.refused + door_.refused());
}

}  // namespace connectsphere::file_store
