// FileClient: files to and from the file plane, several at a time, until each is whole. It connects when
// there is something to do, comes back after any break, and needs somebody who asks for tickets
// (plane_link.hpp). Everything runs on the loop in small pieces, so that a call beside it does not notice.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "lib/client/local_file.hpp"
#include "lib/client/plane_link.hpp"
#include "lib/client/transfer.hpp"
#include "lib/net/clock.hpp"

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
        PlaneLink::Options link;
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

    void ticket(const proto::Ticket& ticket) { link_.ticket(ticket); }
    void ticket_refused(const proto::Error& error) { link_.ticket_refused(error); }

    static constexpr std::size_t kParallel = 4;  // transfers at once; the others wait

  private:
    struct Sending {
        UploadTransfer transfer;
        LocalSource source;
        bool is_finishing = false;
        bool was_resumed = false;
        bool was_restarted = false;
    };
    struct Fetching {
        DownloadTransfer transfer;
        PartFile part;
        bool was_restarted = false;
        // `part` takes its place in a thread of its own: a disk may need seconds, and a call is beside us.
        std::future<Result<void>> placing{};
    };
    struct Listing {
        proto::ListFiles query;
        std::vector<proto::FileInfo> files;
        std::uint64_t asked_after = 0;  // the page behind this one is on its way
    };
    struct Removing {
        proto::RemoveFile request;
    };
    struct Job {
        std::variant<Sending, Fetching, Listing, Removing> work;
        std::uint64_t moved = 0;
        Time not_before{};  // the server said: later
    };

    JobId add(Job job);
    void on_entered(const proto::FilesEntered& entered);
    void on_lost();
    void give_up();
    void on_arrival(Bytes message);
    void on_message(const proto::ServerMessage& message, Bytes data);
    void on_answer(JobId id, const proto::ServerMessage& message);
    void on_error(JobId id, const proto::Error& error);
    void on_transfer_failed(const proto::TransferFailed& failed);
    void on_list(JobId id, Listing& listing, const proto::FileList& list);
    void ask_for_more(JobId id, Listing& listing, std::uint64_t after);
    void on_data(const proto::DownloadData& data, Bytes bytes);
    void acknowledge();
    void on_placed(JobId id);
    void take_turn();
    void begin_jobs();
    bool begin(JobId id, Job& job);
    static Result<bool> prepare(Fetching& fetching);
    bool push(JobId id, Job& job, Sending& sending);
    void complete(JobId id, Fetching& fetching);
    void again(JobId id, Job& job, Duration later);
    void finish(JobId id);
    void fail(JobId id, const Failure& failure);
    void fail(JobId id, const Error& error);
    void moved(JobId id, Job& job, std::uint64_t bytes, std::uint64_t done, std::uint64_t total);
    void fail_all(const Failure& failure);
    void request(JobId id, proto::ClientMessage message);

    void touch() { out_of_patience_.set(net::now() + patience_); }

    net::Loop& loop_;
    Duration patience_;
    Handlers handlers_;
    PlaneLink link_;
    net::Deferred turn_;
    net::Timer later_;  // for a job that was told to wait
    net::Timer out_of_patience_;
    std::size_t chunk_ = 64 << 10;
    std::uint64_t credit_step_ = DownloadTransfer::kCreditStep;
    std::uint64_t unacknowledged_ = 0;  // bytes of all downloads of this connection
    std::shared_ptr<FileClient*> self_ = std::make_shared<FileClient*>(this);  // gone when we are
    std::map<JobId, Job> jobs_;
    std::set<JobId> waiting_;  // those that have not begun, on this connection
    JobId last_job_ = 0;
    std::uint64_t last_request_ = 1;            // that was the link's own, with the ticket
    std::map<std::uint64_t, JobId> requests_;   // unanswered, on this connection
    std::map<std::uint32_t, JobId> transfers_;  // of this connection
    Buffer frame_;                              // made again and again
};

}  // namespace connectsphere::client
