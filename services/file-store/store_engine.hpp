// StoreEngine: the file plane. A participant asks for a ticket on the control plane, shows it here, and then
// sends, fetches, lists and removes the files of its room. What it guarantees:
// - a file is listed only once it is whole, verified and on disk; a name never replaces a file;
// - a refusal (quota, disk, name) comes before the first byte;
// - an upload goes on where its bytes end, a download where its receiver says;
// - every request is checked against the room's members as signaling publishes them, and whoever leaves the
//   room loses its connections here;
// - what is on the way to one connection is bounded, so nobody waits for a slow one.
//
//   store_engine.cpp     who comes in; lists and removal
//   store_time.cpp       what is due: files, orphans, transfers that stand still; figures
//   store_limits.cpp     what one session, one room and all may ask of the disk
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
#include "services/common/token_bucket.hpp"
#include "services/file-store/catalogue.hpp"
#include "services/file-store/orphans.hpp"
#include "services/file-store/pace.hpp"
#include "services/file-store/upload_sink.hpp"

namespace connectsphere::file_store {

class StoreEngine {
  public:
    static constexpr std::size_t kChunk = 128 << 10;           // data in one frame
    static constexpr std::size_t kUploadWindow = 768 << 10;    // bytes of an upload that are not written
    static constexpr std::size_t kDownloadWindow = 512 << 10;  // bytes on the way to one connection
    static constexpr std::size_t kMaxTransfers = 16;           // of a connection
    static constexpr std::size_t kMaxUploads = 1024;           // unfinished, of the server
    static constexpr std::size_t kMaxRoomUploads = 512;        // … of a room
    static constexpr std::size_t kMaxSessionUploads = 64;      // … that one session began or went on with
    static constexpr std::size_t kMaxJobs = 4096;              // of the disk, under way: then requests wait
    static constexpr std::size_t kMaxSessionJobs = 32;         // … that one session has asked for
    static constexpr std::size_t kMaxRemovals = 256;           // under way
    static constexpr std::size_t kMaxExpiries = 32;            // … of files whose time has come
    static constexpr std::uint64_t kSyncStep = 128 << 20;      // bytes that a power cut may cost an upload
    static constexpr std::uint64_t kDiskReserve = 1 << 20;     // bytes of the disk that uploads leave alone
    static constexpr std::size_t kSpareBuffers = 64;           // to read files into
    static constexpr double kListsPerSecond = 20, kListBurst = 60;  // ListFiles of a session
    static constexpr Duration kStall = 120s;   // a transfer without progress for so long is ended, resumable
    static constexpr Duration kSweepGap = 5s;  // how often the clock's work is looked for
    // Who waits for the disk is told so as often as that, for as long as the disk has done anything within:
    static constexpr Duration kDiskPatience = 10min;
    // An upload that nobody sends: without a byte it is forgotten soon, since nothing is lost; after kIdle it
    // is thrown away when somebody else needs its place, the one with the fewest bytes first.
    static constexpr Duration kEmptyLife = 60s, kIdle = 10min;
    static constexpr Duration kRemovalRetry = 10min;  // when a file that could not be removed is tried again

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
        bool is_securing = false;    // a job brings what has come to the disk
        ConnectionId connection;     // zero: nobody sends it at the moment
        std::uint32_t transfer = 0;  // of that connection
        std::uint64_t request = 0;   // BeginUpload or FinishUpload that waits for its answer
        std::uint64_t life = 0;      // an answer of the disk for an earlier one is void
        Time moved_at{};
    };
    // What one session asks for, while it is there or the disk works for it.
    struct Session {
        TokenBucket lists{kListsPerSecond, kListBurst};
        std::size_t jobs = 0;
    };
    // How much of the limits is taken, as seen by one who wants to begin an upload.
    struct Taken {
        Catalogue::Usage room, server;
        std::uint64_t promised = 0;
        std::size_t session_uploads = 0, room_uploads = 0, uploads = 0;
    };
    enum class Scope { nobody, session, room, server };
    struct Shortage {
        Scope scope;  // whose idle uploads are in the way
        proto::Error error;
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
    void remove(SessionId session, const StoredFile& file,
                std::function<void(const Result<void>&, Time, Outbox&)> done);

    // store_time.cpp
    void sweep(Time now, Outbox& out);
    void sweep_files(Time now);
    void sweep_uploads(Time now, Outbox& out);
    void sweep_downloads(Time now, Outbox& out);

    // store_limits.cpp
    bool is_busy(SessionId session) const;
    void work(SessionId session, std::function<void()> job, std::function<void(Time, Outbox&)> done);
    void forget(SessionId session);
    void refuse_for_now(const Caller& caller, Duration retry, std::string text);
    Taken taken_for(const Caller& caller) const;
    void give_back(Taken& taken, const Caller& caller, const Upload& upload) const;
    std::optional<Shortage> shortage_of(const Taken& taken, std::uint64_t bytes) const;
    std::optional<proto::Error> make_room(const Caller& caller, std::uint64_t bytes);

    // store_uploads.cpp
    void handle(const Caller& caller, const proto::BeginUpload& begin);
    std::optional<proto::Error> fault_in(const Caller& caller, const proto::BeginUpload& begin) const;
    void open_upload(const UploadId& id, Upload& upload, SessionId session);
    void on_opened(const UploadId& id, std::uint64_t life, const Result<std::shared_ptr<OpenFile>>& file,
                   Time now, Outbox& out);
    void receive(Upload& upload, Time now, Outbox& out);
    void supersede(Upload& upload, Outbox& out);

    // store_receiving.cpp
    Upload* upload_of(const Caller& caller, std::uint32_t transfer, UploadId& id);
    void handle(const Caller& caller, const proto::UploadData& data, const wire::FrameView& frame);
    void write_on(Upload& upload);
    void on_written(const UploadId& id, Upload& upload, const Result<void>& written, Time now, Outbox& out);
    void fail_by_disk(const UploadId& id, const Upload& upload, const Error& error, Outbox& out);
    void ask_for_credit(const UploadId& id, Upload& upload, Time now, Outbox& out);
    void give_credit(Upload& upload, Outbox& out);
    void send_credit(const Upload& upload, Outbox& out) const;
    static bool waits_for_us(const Upload& upload);
    void secure(Upload& upload);

    // store_finishing.cpp
    void handle(const Caller& caller, const proto::FinishUpload& finish);
    void check(const UploadId& id, Upload& upload, Time now, Outbox& out);
    void store(const UploadId& id, Upload& upload, const Sha256& content, Time now);
    void on_stored(const UploadId& id, const StoredFile& file, const Result<void>& stored, Outbox& out);
    void announce(const StoredFile& file, const proto::ServerMessage& event, Outbox& out) const;
    enum class Keep { bytes, nothing };
    void fail_upload(const UploadId& id, Keep keep, proto::ErrorCode code, std::string text, Outbox& out);
    void rest(Upload& upload);
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
    Orphans orphans_;
    std::uint64_t last_file_id_ = 0;
    std::uint64_t last_life_ = 0;
    std::unordered_map<ConnectionId, Connection> connections_;  // those that have asked for something
    std::unordered_map<SessionId, Session> sessions_;           // likewise
    std::map<UploadId, Upload> uploads_;                        // unfinished, at most kMaxUploads
    std::uint64_t promised_ = 0;                                // bytes that unfinished uploads still need
    std::deque<UploadId> waiting_;                              // for credit, while the pace is used up
    std::deque<ConnectionId> runnable_;                         // those that may send, in turn
    BufferPool buffers_;  // that files are read into; output queues share them
    Pace upload_pace_, download_pace_;
    Time sweep_at_ = kNever;
    bool was_swept_ = false;    // in this life
    bool knows_rooms_ = false;  // signaling has spoken in this life
    std::size_t jobs_ = 0;      // of the disk, under way
    Time worked_at_{};          // when the last one was done
    std::size_t removals_ = 0, expiries_ = 0;
    struct {
        std::uint64_t stored = 0, fetched = 0, refused = 0, failed = 0, received_bytes = 0, sent_bytes = 0;
        std::uint64_t limited = 0, evicted = 0, expired = 0;
    } counters_;
};

}  // namespace connectsphere::file_store
