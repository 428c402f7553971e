// FileDesk: the files of a room for the window: sent, fetched, listed and removed beside a call, each with
// its progress. It belongs to the conference's thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "client-gui/command.hpp"
#include "lib/client/file_client.hpp"
#include "lib/client/runner.hpp"
#include "lib/client/upload_keys.hpp"

namespace connectsphere::gui {

class FileDesk {
  public:
    struct Options {
        Address server;
        std::string room;
        std::function<std::string()> fingerprint;  // of the control connection: the planes show the same
    };
    using Tell = std::function<void(Notice)>;

    FileDesk(net::Loop& loop, client::Runner& runner, Options options, Tell tell);

    void send(const SendFile& file);
    void get(std::uint64_t file_id);
    void remove(std::uint64_t file_id);
    void list();
    void on_event(const client::Event& event);  // of the runner: tickets

  private:
    using JobId = client::FileClient::JobId;
    struct Task {
        Transfer transfer{};
        std::string key{}, what{};  // of an upload
        Time shown{};
        bool is_list = false;
        std::uint64_t removes = 0;
    };

    void progress(JobId id, const client::FileClient::Progress& progress);
    void finish(JobId id, Transfer::State state, std::string note);
    void stored(JobId id, const proto::FileInfo& file);
    void listed(JobId id, const std::vector<proto::FileInfo>& files);
    void failed(JobId id, const client::FileClient::Failure& failure);
    std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& name) const;
    void could_not(const std::string& name, bool is_upload, const std::string& why);

    client::Runner& runner_;
    Options options_;
    Tell tell_;
    client::UploadKeys keys_;
    std::map<JobId, Task> tasks_;
    std::map<std::uint64_t, proto::FileInfo> files_;  // as they were listed or announced
    JobId refused_ = ~JobId{0};                       // counts down: what never became a job
    client::FileClient client_;
};

}  // namespace connectsphere::gui
