// FileClient: files to and from the file plane, several at a time, until each is whole. It needs somebody who
// asks for tickets on the control plane (want_ticket) and hands them over (ticket); it connects, and comes
// back after any break: the same server, a restarted one, a network that was gone. Everything runs on the
// loop in small pieces, so that a call beside it does not notice.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/address.hpp"
#include "lib/client/local_file.hpp"
#include "lib/client/transfer.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/tls.hpp"
#include "lib/wire/frame.hpp"

namespace connectsphere::client {

class FileClient {
  public:
    using JobId = std::uint64_t;

    struct Progress {
        std::uint64_t done = 0;  // bytes from the start of the file
        std::uint64_t total = 0;
        std::uint64_t moved =
            0;  // bytes that this process moved: what is left out of a rate are those before
    };
    struct Failure {
        proto::Error error;          // of the server, or with our words
        bool is_incomplete = false;  // it can go on: give the same command again
    };
    struct Options {
        Address server;  // the port comes with the ticket
        std::function<Result<void>(const std::string& fingerprint)> verify;
        Duration patience = 60s;  // without any progress; then what is left fails as incomplete
    };
    struct Handlers {
        std::function<void()> want_ticket;
        std::function<void(JobId, const Progress&)> on_progress = nullptr;
        std::function<void(JobId, const proto::FileInfo&)> on_stored;
        std::function<void(JobId, const proto::FileInfo&)> on_fetched;
        std::function<void(JobId, const std::vector<proto::FileInfo>&)> on_list;
        std::function<void(JobId)> on_removed;
        std::function<void(JobId, const Failure&)> on_failed;
    };

    FileClient(net::Loop& loop, Options options, Handlers handlers);

    JobId upload(UploadPlan plan, LocalSource source);
    JobId download(proto::FileInfo file, PartFile part);
    JobId list(std::string search);
    JobId remove(std::uint64_t file_id, std::string upload_key);
    bool is_idle() const { return jobs_.empty(); }

    void ticket(const proto::Ticket& ticket);
    void ticket_refused(const proto::Error& error);

    static constexpr std::size_t kParallel = 4;  // transfers at once; the others wait

  private:
    struct Sending {
        UploadTransfer transfer;
        LocalSource source;
        bool is_finishing = false;
    };
    struct Fetching {
        DownloadTransfer transfer;
        PartFile part;
        bool was_restarted = false;
    };
    struct Listing {
        proto::ListFiles query;
        std::vector<proto::FileInfo> files;
    };
    struct Removing {
        proto::RemoveFile request;
    };
    struct Job {
        std::variant<Sending, Fetching, Listing, Removing> work;
        bool is_begun = false;  // on this connection
        std::uint64_t moved = 0;
        Time not_before{};  // the server said: later
    };

    JobId add(Job job);
    void want_connection();
    void connect(const proto::Ticket& ticket);
    void lose(const Error& error);
    void give_up(const std::string& why);
    void on_bytes(Bytes bytes);
    void on_message(const proto::ServerMessage& message, Bytes data);
    void on_answer(JobId id, const proto::ServerMessage& message);
    void on_error(JobId id, const proto::Error& error);
    void on_transfer_failed(const proto::TransferFailed& failed);
    void on_list(JobId id, Listing& listing, const proto::FileList& list);
    void on_data(const proto::DownloadData& data, Bytes bytes);
    void take_turn();
    void begin_jobs();
    bool begin(JobId id, Job& job);
    bool push(JobId id, Job& job, Sending& sending);
    void complete(JobId id, Fetching& fetching);
    void again(Job& job, Duration later);
    void fail(JobId id, Failure failure);
    void fail(JobId id, const Error& error);
    void moved(JobId id, Job& job, std::uint64_t bytes, std::uint64_t done, std::uint64_t total);
    void request(JobId id, proto::ClientMessage message);
    void send(const proto::ClientMessage& message, Bytes data = {});

    net::Loop& loop_;
    Options options_;
    Handlers handlers_;
    std::optional<net::TlsContext> tls_;
    std::optional<net::TlsConnection> connection_;
    wire::FrameParser parser_;
    net::Deferred turn_;
    net::Deferred hang_up_;
    std::optional<Error> hang_up_error_;
    net::Timer retry_;  // for a ticket, a connection, or a job that was told "later"
    net::Timer patience_;
    Duration back_off_ = kFirstRetry;
    bool has_entered_ = false;
    bool wants_ticket_ = false;
    Buffer ticket_;
    std::size_t chunk_ = 64 << 10;
    std::map<JobId, Job> jobs_;
    JobId last_job_ = 0;
    std::uint64_t last_request_ = 0;
    std::map<std::uint64_t, JobId> requests_;   // unanswered, on this connection
    std::map<std::uint32_t, JobId> transfers_;  // of this connection
    Buffer frame_;                              // made again and again

    static constexpr Duration kFirstRetry = 100ms, kMaxRetry = 2s, kTicketTimeout = 3s;
};

}  // namespace connectsphere::client
