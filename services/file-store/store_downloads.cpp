// Downloads: each has what is sent and what has arrived; a connection has at most kDownloadWindow in between.
// Transfers that may send stand in line, and each sends one chunk a turn.
#include "services/common/answers.hpp"
#include "services/file-store/store_engine.hpp"

namespace connectsphere::file_store {

void StoreEngine::handle(const Caller& caller, const proto::BeginDownload& begin) {
    auto& connection = caller.connection;
    const auto* file = catalogue_.find(begin.file_id());
    if (!file || file->room != caller.room.name() || !may_see(file->info, caller.session) ||
        is_over(file->info, unix_ms(caller.now)))
        return refuse(caller, proto::NOT_FOUND, "There is no such file in this room.");
    if (begin.offset() > file->info.size())
        return refuse(caller, proto::BAD_REQUEST, "The offset is beyond the end of the file.");
    if (is_full(connection)) return refuse(caller, proto::RATE_LIMITED, "Too many transfers at once.");
    Sha256 content{};
    std::copy(file->info.sha256().begin(), file->info.sha256().end(), content.begin());
    auto opened = storage_->open(content);
    if (!opened) return refuse(caller, proto::UNAVAILABLE, "The server can not read the file at the moment.");
    const auto transfer = ++connection.last_transfer;
    proto::ServerMessage reply;
    auto& ready = *reply.mutable_download_ready();
    ready.set_transfer_id(transfer);
    *ready.mutable_file() = file->info;
    ready.set_offset(begin.offset());
    answer(caller, reply);
    if (begin.offset() == file->info.size()) {
        ++counters_.fetched;
        return;
    }
    connection.downloads.emplace(transfer, Download{.file = std::move(*opened),
                                                    .size = file->info.size(),
                                                    .sent = begin.offset(),
                                                    .acked = begin.offset(),
                                                    .moved_at = caller.now});
    connection.line.push_back(transfer);
    queue(caller.id, connection);
    pump(caller.now, caller.out);
}

void StoreEngine::handle(const Caller& caller, const proto::DownloadCredit& credit) {
    auto& connection = caller.connection;
    const auto place = connection.downloads.find(credit.transfer_id());
    if (place == connection.downloads.end()) return;  // it has failed, and its receiver will hear of it
    auto& download = place->second;
    if (credit.received() == download.acked) return;  // no progress: it stalls as if it had said nothing
    if (credit.received() < download.acked || credit.received() > download.sent) {
        fail_download(caller.id, connection, credit.transfer_id(), proto::BAD_REQUEST,
                      "The credit is for bytes that were not sent.", caller.out);
    } else {
        connection.in_flight -= credit.received() - download.acked;
        download.acked = credit.received();
        download.moved_at = caller.now;
        if (download.acked == download.size) {
            ++counters_.fetched;
            connection.downloads.erase(place);
        }
    }
    queue(caller.id, connection);
    pump(caller.now, caller.out);
}

// A connection with something to send and room for it stands in line, behind the others.
void StoreEngine::queue(ConnectionId id, Connection& connection) {
    if (connection.is_queued || !may_be_sent_more(connection)) return;
    connection.is_queued = true;
    runnable_.push_back(id);
}

void StoreEngine::pump(Time now, Outbox& out) {
    while (!runnable_.empty() && download_pace_.is_free(now)) {
        const auto id = runnable_.front();
        runnable_.pop_front();
        const auto place = connections_.find(id);
        if (place == connections_.end()) continue;
        auto& connection = place->second;
        connection.is_queued = false;
        if (!may_be_sent_more(connection)) continue;
        const auto transfer = connection.line.front();
        connection.line.pop_front();
        if (connection.downloads.contains(transfer)) send_chunk(id, connection, transfer, now, out);
        queue(id, connection);
    }
}

void StoreEngine::send_chunk(ConnectionId id, Connection& connection, std::uint32_t transfer, Time now,
                             Outbox& out) {
    auto& download = connection.downloads.at(transfer);
    proto::ServerMessage message;
    message.mutable_download_data()->set_transfer_id(transfer);
    message.mutable_download_data()->set_offset(download.sent);
    const auto head = message.SerializeAsString();
    // A frame fills TLS records: none is left with a few bytes.
    const auto size =
        std::min<std::uint64_t>(kChunk - wire::kFrameHeaderSize - head.size(), download.size - download.sent);
    auto frame = buffers_.take();
    const auto data = wire::lay_out_frame(*frame, as_bytes(head), size);
    const auto got = download.file->read(download.sent, data);
    if (!got || *got != size) {
        fail_download(id, connection, transfer, proto::UNAVAILABLE,
                      "The server can not read the file at the moment.", out);
        return;
    }
    out.frames.push_back({.to = {id}, .frame = std::move(frame)});
    download.sent += size;
    if (connection.in_flight == 0) download.moved_at = now;
    connection.in_flight += size;
    counters_.sent_bytes += size;
    download_pace_.spend(size, now);
    if (download.sent < download.size) connection.line.push_back(transfer);
}

void StoreEngine::fail_download(ConnectionId id, Connection& connection, std::uint32_t transfer,
                                proto::ErrorCode code, std::string text, Outbox& out) {
    const auto place = connection.downloads.find(transfer);
    connection.in_flight -= place->second.sent - place->second.acked;
    connection.downloads.erase(place);
    ++counters_.failed;
    proto::ServerMessage event;
    auto& failed = *event.mutable_transfer_failed();
    failed.set_transfer_id(transfer);
    failed.mutable_error()->set_code(code);
    failed.mutable_error()->set_text(std::move(text));
    failed.set_resumable(true);
    out.frames.push_back(frame_to(id, event));
}

}  // namespace connectsphere::file_store
