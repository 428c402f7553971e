// StoreEngine: the file plane. A participant asks for a ticket on the control plane, shows it here, and then
// sends, fetches, lists and removes the files of its room. What it guarantees:
// - a file is listed only once it is whole, verified and on disk; a name never replaces a file;
// - a refusal (quota, disk, name) comes before the first byte;
// - an upload goes on where its bytes end, a download where its receiver says;
// - every request is checked against the room's members as signaling publishes them, and whoever leaves the
//   room loses its connections here;
// - what is on the way to one connection is bounded, so nobody waits for a slow one.
//
//   store_engine.cpp     who comes in; lists and removal; time
//   store_uploads.cpp    BeginUpload ─► UploadReady
//   store_receiving.cpp  UploadData … ◄─ UploadCredit
//   store_finishing.cpp  FinishUpload ─► FileStored, FileAnnounced; and the other ends of an upload
//   store_downloads.cpp  BeginDownload ─► DownloadData … ◄─ DownloadCredit
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/client.pb.h"
#include "services/common/engine.hpp"
#include "services/common/plane_door.hpp"
#include "services/file-store/catalogue.hpp"
#include "services/file-store/pace.hpp"
#include "services/file-store/upload_sink.hpp"

namespace connectsphere::file_store {

class StoreEngine {
  public:
    static constexpr std::size_t kChunk = 128 << 10;           // data in one frame
    static constexpr std::size_t kUploadWindow = 512 << 10;    // bytes of an upload that are not written
    static constexpr std::size_t kDownloadWindow = 512 << 10;  // bytes on the way to one connection
    static constexpr std::size_t kMaxTransfers = 16;           // of a connection
    static constexpr std::size_t kMaxUploads = 1024;           // unfinished, of the server
    static constexpr std::size_t kMaxRemovals = 256;           // under way
    static constexpr std::uint64_t kDiskReserve = 1 << 20;     // bytes of the disk that uploads leave alone
    static constexpr Duration kStall = 120s;  // a transfer without progress for so long is ended, resumable
    static constexpr std::size_t kSpareBuffers = 64;  // to read files into
    static constexpr Duration kSweepGap = 10s;        // how often the clock's work is looked for

    StoreEngine(const EngineContext& context, std::unique_ptr<Storage> storage);  // throws: nothing to serve

    void on_port(std::uint16_t port) { door_.on_port(port); }
    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_frame(ConnectionId connection, wire::FrameView frame, Time now, Outbox& out);
    void on_close(ConnectionId connection, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const;
    void fill_beat(proto::Beat& beat) const;

  private:
    struct Download {
        std::shared_ptr<OpenFile> file;  // shared with nobody but the storage's own cache, if it has one
        std::uint64_t size = 0;
        std::uint64_t sent = 0;   // offset of the next byte
        std::uint64_t acked = 0;  // offset up to which the receiver has it
        Time moved_at{};
    };
    struct Connection {
        std::uint32_t last_transfer = 0;
        std::unordered_map<std::uint32_t, UploadId> uploads;
        std::unordered_map<std::uint32_t, Download> downloads;
        std::deque<std::uint32_t> line;  // its downloads that are not sent, in turn
        bool is_queued = false;          // in runnable_
        std::size_t in_flight = 0;       // bytes of downloads that are not acknowledged
    };
    enum class Phase { resting, opening, receiving, checking, storing };
    struct Upload {
        UnfinishedUpload facts;
        Phase phase = Phase::resting;
        std::shared_ptr<OpenFile> file;  // shared with the job that has the upload at the moment
        std::shared_ptr<UploadSink> sink = std::make_shared<UploadSink>();  // shared with its jobs
        UploadBatch batch;           // what has arrived and is in no job yet
        std::uint64_t arrived = 0;   // offset of the next byte
        std::uint64_t hashed = 0;    // bytes that are in the hash, as the last job left it
        std::string claimed;         // the SHA-256 of FinishUpload
        std::uint64_t limit = 0;     // what the sender may send up to
        bool is_waiting = false;     // in waiting_, for credit
        ConnectionId connection;     // zero: nobody sends it at the moment
        std::uint32_t transfer = 0;  // of that connection
        std::uint64_t request = 0;   // BeginUpload or FinishUpload that waits for its answer
        std::uint64_t life = 0;      // an answer of the disk for an earlier one is void
        Time moved_at{};
    };
    // One request on a connection that has entered.
    struct Caller {
        ConnectionId id;
        SessionId session;
        Connection& connection;
        const proto::Room& room;
        std::uint64_t request;
        Time now;
        Outbox& out;
    };

    static void greet(const EngineContext& context, proto::FilesEntered& limits);
    void dispatch(const Caller& caller, const proto::ClientMessage& message, const wire::FrameView& frame);
    void handle(const Caller& caller, const proto::ListFiles& query);
    void handle(const Caller& caller, const proto::RemoveFile& remove);
    void handle(const Caller& caller, const proto::CancelTransfer& cancel);
    void remove(const StoredFile& file, std::function<void(const Result<void>&, Time, Outbox&)> done);
    void sweep(Time now, Outbox& out);

    // store_uploads.cpp
    void handle(const Caller& caller, const proto::BeginUpload& begin);
    std::optional<proto::Error> fault_in(const Caller& caller, const proto::BeginUpload& begin) const;
    std::optional<proto::Error> no_room_for(const std::string& room, std::uint64_t bytes) const;
    void open_upload(const UploadId& id, Upload& upload);
    void on_opened(const UploadId& id, std::uint64_t life, const Result<std::shared_ptr<OpenFile>>& file,
                   Time now, Outbox& out);
    void receive(Upload& upload, Time now, Outbox& out);

    // store_receiving.cpp
    Upload* upload_of(const Caller& caller, std::uint32_t transfer, UploadId& id);
    void handle(const Caller& caller, const proto::UploadData& data, const wire::FrameView& frame);
    void write_on(Upload& upload);
    void on_written(const UploadId& id, Upload& upload, const Result<void>& written, Time now, Outbox& out);
    void fail_by_disk(const UploadId& id, const Upload& upload, const Error& error, Outbox& out);
    void ask_for_credit(const UploadId& id, Upload& upload, Time now, Outbox& out);
    void give_credit(Upload& upload, Outbox& out);

    // store_finishing.cpp
    void handle(const Caller& caller, const proto::FinishUpload& finish);
    void check(const UploadId& id, Upload& upload, Time now, Outbox& out);
    void store(const UploadId& id, Upload& upload, const Sha256& content, Time now);
    void on_stored(const UploadId& id, StoredFile file, const Result<void>& stored, Outbox& out);
    void announce(const StoredFile& file, const proto::ServerMessage& event, Outbox& out) const;
    enum class Keep { bytes, nothing };
    void fail_upload(const UploadId& id, Keep keep, proto::ErrorCode code, std::string text, Outbox& out);
    void detach(Upload& upload);
    void discard(const UploadId& id);

    // store_downloads.cpp
    void handle(const Caller& caller, const proto::BeginDownload& begin);
    void handle(const Caller& caller, const proto::DownloadCredit& credit);
    void queue(ConnectionId id, Connection& connection);
    void pump(Time now, Outbox& out);
    void send_chunk(ConnectionId id, Connection& connection, std::uint32_t transfer, Time now, Outbox& out);
    void fail_download(ConnectionId id, Connection& connection, std::uint32_t transfer, proto::ErrorCode code,
                       std::string text, Outbox& out);

    void answer(const Caller& caller, proto::ServerMessage& message) const;
    void refuse(const Caller& caller, proto::ErrorCode code, std::string text);
    std::uint64_t unix_ms(Time now) const;
    static bool may_be_sent_more(const Connection& connection) {
        return !connection.line.empty() && connection.in_flight + kChunk <= kDownloadWindow;
    }
    bool is_full(const Connection& connection) const {
        return connection.uploads.size() + connection.downloads.size() >= kMaxTransfers;
    }

    EngineContext context_;
    std::unique_ptr<Storage> storage_;
    PlaneDoor door_;
    Catalogue catalogue_;
    std::uint64_t last_file_id_ = 0;
    std::uint64_t last_life_ = 0;
    std::unordered_map<ConnectionId, Connection> connections_;  // those that have asked for something
    std::map<UploadId, Upload> uploads_;                        // unfinished, at most kMaxUploads
    std::uint64_t promised_ = 0;                                // bytes that unfinished uploads still need
    std::deque<UploadId> waiting_;                              // for credit, while the pace is used up
    std::deque<ConnectionId> runnable_;                         // those that may send, in turn
    BufferPool buffers_;  // that files are read into; output queues share them
    Pace upload_pace_, download_pace_;
    Time sweep_at_ = kNever;
    std::size_t removals_ = 0;
    struct {
        std::uint64_t stored = 0, fetched = 0, refused = 0, failed = 0, received_bytes = 0, sent_bytes = 0;
    } counters_;
};

}  // namespace connectsphere::file_store
