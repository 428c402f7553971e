#include "client-gui/file_desk.hpp"

#include <algorithm>

#include "lib/client/file_name.hpp"
#include "lib/client/outgoing.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/xdg.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

namespace fs = std::filesystem;

constexpr Duration kShowGap = 100ms;  // between two pictures of a transfer's progress

}  // namespace

FileDesk::FileDesk(net::Loop& loop, client::Runner& runner, Options options, Tell tell)
    : runner_(runner),
      options_(std::move(options)),
      tell_(std::move(tell)),
      keys_(client::UploadKeys::default_folder()),
      client_(loop,
              {.link = {.server = options_.server,
                        .verify = client::same_certificate("file", options_.fingerprint)}},
              {.want_ticket = [this] { runner_.open_files(); },
               .on_progress = [this](JobId id, const auto& done) { progress(id, done); },
               .on_stored = [this](JobId id, const proto::FileInfo& file) { stored(id, file); },
               .on_fetched =
                   [this](JobId id, const proto::FileInfo&) {
                       finish(id, Transfer::State::finished, tasks_[id].transfer.note);
                   },
               .on_list = [this](JobId id, const auto& files) { listed(id, files); },
               .on_removed =
                   [this](JobId id) {
                       keys_.forget_owner(options_.server.text(), tasks_[id].removes);
                       tasks_.erase(id);
                   },
               .on_failed = [this](JobId id, const auto& failure) { failed(id, failure); }}) {}

void FileDesk::send(const SendFile& file) {
    const auto name = fs::path(file.path).filename().string();
    auto outgoing = client::make_outgoing(
        keys_, {.server = options_.server.text(), .room = options_.room, .to_session = file.to}, file.path,
        name);
    if (!outgoing) return could_not(name, true, outgoing.error().what);
    const auto is_same = [&](const auto& task) { return task.second.what == outgoing->what; };
    if (std::any_of(tasks_.begin(), tasks_.end(), is_same)) return;  // it is on its way already
    const auto size = outgoing->source.size();
    const auto key = outgoing->plan.key;
    const auto id = client_.upload(std::move(outgoing->plan), std::move(outgoing->source));
    auto& task = tasks_[id];
    task = {.transfer = {.job = id, .name = name, .is_upload = true, .total = size},
            .key = key,
            .what = std::move(outgoing->what)};
    tell_(task.transfer);
}

void FileDesk::get(std::uint64_t file_id) {
    const auto found = files_.find(file_id);
    if (found == files_.end()) return;
    const auto& file = found->second;
    const auto folder = client::downloads_folder();
    std::error_code error;
    fs::create_directories(folder, error);
    const auto target = free_name(folder, client::safe_file_name(file.name()));
    auto part = client::PartFile::beside(target, file, false);
    if (!part) return could_not(file.name(), false, part.error().what);
    const auto id = client_.download(file, std::move(*part));
    auto& task = tasks_[id];
    task.transfer = {
        .job = id, .file = file_id, .name = file.name(), .total = file.size(), .note = target.string()};
    tell_(task.transfer);
}

// A name that is not taken yet, nor promised to a download: "plan.pdf", "plan (2).pdf", …
fs::path FileDesk::free_name(const fs::path& folder, const std::string& name) const {
    const auto is_taken = [&](const fs::path& target) {
        std::error_code error;
        return fs::exists(target, error) || std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& task) {
                   return task.second.transfer.note == target.string();
               });
    };
    auto target = folder / name;
    for (int n = 2; is_taken(target); ++n) {
        auto stem = fs::path(name).stem().string();
        stem += " (";
        stem += std::to_string(n);
        stem += ")";
        target = folder / (stem + fs::path(name).extension().string());
    }
    return target;
}

void FileDesk::remove(std::uint64_t file_id) {
    const auto key = keys_.owner_key(options_.server.text(), file_id);
    tasks_[client_.remove(file_id, key.value_or(""))].removes = file_id;
}

void FileDesk::list() { tasks_[client_.list("")].is_list = true; }

void FileDesk::on_event(const client::Event& event) {
    if (const auto* ticket = std::get_if<proto::Ticket>(&event)) client_.ticket(*ticket);
    if (const auto* failure = std::get_if<client::RequestFailed>(&event); failure && failure->what == "files")
        client_.ticket_refused(failure->error);
    if (const auto* announced = std::get_if<proto::FileAnnounced>(&event))
        files_[announced->file().file_id()] = announced->file();
}

void FileDesk::progress(JobId id, const client::FileClient::Progress& progress) {
    auto& task = tasks_[id];
    const auto now = net::now();
    if (now - task.shown < kShowGap && progress.done < progress.total) return;
    task.shown = now;
    task.transfer.done = progress.done;
    task.transfer.total = progress.total;
    tell_(task.transfer);
}

void FileDesk::finish(JobId id, Transfer::State state, std::string note) {
    auto transfer = tasks_[id].transfer;
    tasks_.erase(id);
    transfer.state = state;
    transfer.note = std::move(note);
    if (state == Transfer::State::finished) transfer.done = transfer.total;
    tell_(std::move(transfer));
}

void FileDesk::stored(JobId id, const proto::FileInfo& file) {
    const auto& task = tasks_[id];
    keys_.stored(options_.server.text(), file.file_id(), file.expires_at(), task.key);
    keys_.forget(task.what);
    finish(id, Transfer::State::finished, {});
}

void FileDesk::listed(JobId id, const std::vector<proto::FileInfo>& files) {
    tasks_.erase(id);
    files_.clear();
    std::vector<SharedFile> out;
    for (const auto& file : files) {
        files_[file.file_id()] = file;
        out.push_back({.id = file.file_id(),
                       .name = file.name(),
                       .owner = file.owner_name(),
                       .size = file.size(),
                       .version = file.version(),
                       .is_own = file.owner_session_id() == runner_.session().id().value ||
                                 keys_.owner_key(options_.server.text(), file.file_id()).has_value(),
                       .is_private = file.to_session_id() != 0});
    }
    tell_(std::move(out));
}

void FileDesk::failed(JobId id, const client::FileClient::Failure& failure) {
    const auto task = tasks_[id];
    // Who begins the same upload elsewhere goes on with its key.
    const bool is_over = !failure.is_incomplete && failure.error.code() != proto::ALREADY_JOINED;
    if (is_over && !task.what.empty()) keys_.forget(task.what);
    if (!task.is_list && task.removes == 0) {
        auto why = failure.error.text();
        if (failure.is_incomplete) why += " (send or fetch it again to go on)";
        return finish(id, Transfer::State::failed, why);
    }
    tasks_.erase(id);
    tell_(Transfer{
        .job = --refused_, .name = "Files", .state = Transfer::State::failed, .note = failure.error.text()});
}

void FileDesk::could_not(const std::string& name, bool is_upload, const std::string& why) {
    tell_(Transfer{.job = --refused_,
                   .name = name,
                   .is_upload = is_upload,
                   .state = Transfer::State::failed,
                   .note = why});
}

}  // namespace connectsphere::gui
