// FileRoom: what a person does with the files of a room, by name: sending, fetching, listing and removing,
// with progress and results as lines for people or objects for scripts. It stands beside a client::Runner,
// which asks for its tickets: for one command (connectsphere send …) or within a call (/send …).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client-cli/file_names.hpp"
#include "client-cli/options.hpp"
#include "client-cli/report.hpp"
#include "lib/client/file_client.hpp"
#include "lib/client/runner.hpp"
#include "lib/client/upload_keys.hpp"

namespace connectsphere::cli {

class FileRoom {
  public:
    struct Options {
        Address server;
        std::string room;
        Duration patience = 60s;
        bool force = false;  // replace a file that exists
        bool shows_progress = false;
        std::function<std::string()> fingerprint;  // of the control connection: the planes show the same
    };

    // `on_idle` is called whenever nothing is under way any more.
    FileRoom(net::Loop& loop, client::Runner& runner, Reporter& reporter, Options options,
             std::function<void()> on_idle);

    // A file, or a folder with all that is below it. `to` is empty for everybody in the room.
    void send(const std::string& path, const std::string& to);
    // By id, name or folder (file_names.hpp). `output`: a file or a folder; empty: the downloads folder.
    void get(const std::vector<std::string>& what, const std::string& output);
    void list(const std::string& search);
    void remove(const std::vector<std::string>& what);

    void on_event(const client::Event& event);  // of the runner: tickets
    bool is_idle() const { return client_.is_idle() && lists_.empty(); }
    ExitCode exit_code() const { return exit_code_; }  // of the worst that happened

  private:
    using JobId = client::FileClient::JobId;
    using OnList = std::function<void(const std::vector<proto::FileInfo>&)>;
    struct Task {
        std::string name{};         // as shown
        std::string key{}, what{};  // of an upload
        std::string target{};       // of a download
        std::uint64_t file_id = 0;
        bool is_removal = false;
        std::uint64_t size = 0, done = 0;    // bytes of the file
        std::uint64_t first = 0, moved = 0;  // bytes that this process moved: at the first look, and now
        Time begun{}, shown{};
    };
    // All transfers since nothing was under way.
    struct Batch {
        std::size_t files = 0, finished = 0;
        std::uint64_t done = 0, total = 0, moved = 0;
        std::vector<std::string> sent{};  // `what` of the uploads that are stored
        bool is_incomplete = false;
        Time begun{};
    };

    void send_file(const FileToSend& file, std::uint64_t to_session);
    void fetch(const FileMeant& meant, const std::string& output);
    void remove_listed(const std::vector<std::string>& what);
    void remove_file(std::uint64_t file_id, const std::string& name);
    void add_task(JobId id, Task task);
    Task take_task(JobId id);
    void end_batch();
    void with_list(const std::string& search, OnList then);
    void progress(JobId id, const client::FileClient::Progress& progress);
    void stored(JobId id, const proto::FileInfo& file);
    void failed(JobId id, const client::FileClient::Failure& failure);
    void fail(ExitCode code, const std::string& what, const std::string& text);
    void settle();

    client::Runner& runner_;
    Reporter& reporter_;
    Options options_;
    std::function<void()> on_idle_;
    client::UploadKeys keys_;
    std::map<JobId, Task> tasks_;
    std::set<std::string> under_way_;  // `what` of uploads, targets of downloads
    Batch batch_;
    std::map<JobId, OnList> lists_;
    ExitCode exit_code_ = kOk;
    net::Deferred settle_;
    client::FileClient client_;
};

}  // namespace connectsphere::cli
