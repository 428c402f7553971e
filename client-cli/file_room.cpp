#include "client-cli/file_room.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/client/outgoing.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/xdg.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

namespace fs = std::filesystem;

constexpr Duration kShowGap = 200ms;  // between two pictures of a transfer's progress

ExitCode exit_code_of(const client::FileClient::Failure& failure) {
    if (failure.is_incomplete) return kIncomplete;
    if (failure.error.code() == proto::NOT_FOUND) return kNotFound;
    return failure.error.code() == proto::BAD_REQUEST ? kFailed : kRefused;
}

ExitCode exit_code_of(const Error& error) {
    if (error.code == Errc::not_found) return kNotFound;
    return error.code == Errc::usage ? kUsage : kFailed;
}

double rate(std::uint64_t bytes, Duration time) {
    return time > Duration{} ? static_cast<double>(bytes) / seconds(time) : 0;
}

}  // namespace

FileRoom::FileRoom(net::Loop& loop, client::Runner& runner, Reporter& reporter, Options options,
                   std::function<void()> on_idle)
    : runner_(runner),
      reporter_(reporter),
      options_(std::move(options)),
      on_idle_(std::move(on_idle)),
      keys_(client::UploadKeys::default_folder()),
      settle_(loop.deferred([this] { settle(); })),
      client_(loop,
              {.link = {.server = options_.server,
                        .verify = client::same_certificate("file", options_.fingerprint)},
               .patience = options_.patience},
              {.want_ticket = [this] { runner_.open_files(); },
               .on_progress = [this](JobId id, const auto& done) { progress(id, done); },
               .on_stored = [this](JobId id, const proto::FileInfo& file) { stored(id, file); },
               .on_fetched =
                   [this](JobId id, const proto::FileInfo& file) {
                       const auto task = take_task(id);
                       reporter_.file_fetched(file, task.target);
                   },
               .on_list =
                   [this](JobId id, const auto& files) {
                       const auto then = std::move(lists_[id]);
                       lists_.erase(id);
                       then(files);
                       settle_.request();
                   },
               .on_removed =
                   [this](JobId id) {
                       const auto task = take_task(id);
                       keys_.forget_owner(options_.server.text(), task.file_id);
                       reporter_.file_removed(task.file_id, task.name);
                   },
               .on_failed = [this](JobId id, const auto& failure) { failed(id, failure); }}) {}

// ---- what a person asks for

void FileRoom::send(const std::string& path, const std::string& to) {
    std::uint64_t to_session = 0;
    if (!to.empty()) {
        const auto* participant = runner_.session().participant_by_name(to);
        if (!participant) return fail(kNotFound, "send", "nobody here is called \"" + to + "\"");
        to_session = participant->session_id();
    }
    const auto files = files_to_send(path);
    if (!files) return fail(exit_code_of(files.error()), "send", files.error().what);
    for (const auto& file : *files) send_file(file, to_session);
}

void FileRoom::send_file(const FileToSend& file, std::uint64_t to_session) {
    auto outgoing = client::make_outgoing(
        keys_, {.server = options_.server.text(), .room = options_.room, .to_session = to_session}, file.path,
        file.name);
    if (!outgoing) return fail(exit_code_of(outgoing.error()), "send", outgoing.error().what);
    if (!outgoing->remembered)
        reporter_.note("it can not go on after a break: " + outgoing->remembered.error().what + "\n");
    if (!under_way_.insert(outgoing->what).second) return;  // named twice
    Task task{.name = file.name,
              .key = outgoing->plan.key,
              .what = std::move(outgoing->what),
              .size = outgoing->source.size()};
    add_task(client_.upload(std::move(outgoing->plan), std::move(outgoing->source)), std::move(task));
}

void FileRoom::get(const std::vector<std::string>& what, const std::string& output) {
    std::error_code error;
    if (what.size() > 1 && !output.empty() && !fs::is_directory(output, error))
        return fail(kUsage, "get", "several files need a folder: -o FOLDER");
    with_list("", [this, what, output](const auto& files) {
        for (const auto& wanted : what) {
            const auto meant = files_meant(files, wanted);
            for (const auto& file : meant) fetch(file, output);
            if (meant.empty())
                fail(
                    kNotFound, "get",
                    "there is no file \"" + wanted +
                        "\" for you in this room; what was sent to one person only is fetched in the call of "
                        "that person, with /get");
        }
    });
}

void FileRoom::fetch(const FileMeant& meant, const std::string& output) {
    const auto& file = *meant.file;
    const auto name = meant.place.string();
    std::error_code error;
    fs::path target = output.empty() ? client::downloads_folder() : fs::path(output);
    if (output.empty() || meant.place.has_parent_path()) fs::create_directories(target, error);
    if (fs::is_directory(target, error)) {
        target /= meant.place;
        fs::create_directories(target.parent_path(), error);
    }
    // Of several files for one place the first is fetched; what is named twice is one.
    if (!under_way_.insert(target.string()).second) {
        const auto is_same = [&](const auto& task) {
            return task.second.target == target && task.second.file_id == file.file_id();
        };
        if (std::any_of(tasks_.begin(), tasks_.end(), is_same)) return;
        return fail(kFailed, "get", target.string() + " is the place of another file that is being fetched");
    }
    auto part = client::PartFile::beside(target, file, options_.force);
    if (!part) {
        under_way_.erase(target.string());
        return fail(kFailed, "get", part.error().what);
    }
    add_task(client_.download(file, std::move(*part)),
             {.name = name, .target = target.string(), .file_id = file.file_id(), .size = file.size()});
}

void FileRoom::list(const std::string& search) {
    with_list(search, [this](const auto& files) { reporter_.file_list(files); });
}

// What is named by the number of a file of ours needs no list, nor that we still see it there: its key is
// enough.
void FileRoom::remove(const std::vector<std::string>& what) {
    std::vector<std::string> others;
    for (const auto& wanted : what) {
        const auto id = file_id_of(wanted);
        if (id != 0 && keys_.owner_key(options_.server.text(), id))
            remove_file(id, wanted);
        else
            others.push_back(wanted);
    }
    if (!others.empty()) remove_listed(others);
}

void FileRoom::remove_listed(const std::vector<std::string>& what) {
    with_list("", [this, what](const auto& files) {
        for (const auto& wanted : what) {
            const auto meant = files_meant(files, wanted);
            for (const auto& [file, place] : meant) remove_file(file->file_id(), file->name());
            if (meant.empty()) fail(kNotFound, "rm", "there is no file \"" + wanted + "\" in this room");
        }
    });
}

void FileRoom::remove_file(std::uint64_t file_id, const std::string& name) {
    const auto key = keys_.owner_key(options_.server.text(), file_id);
    add_task(client_.remove(file_id, key.value_or("")),
             {.name = name, .file_id = file_id, .is_removal = true});
}

void FileRoom::with_list(const std::string& search, OnList then) {
    const auto id = client_.list(search);
    lists_[id] = std::move(then);
}

// ---- what follows

void FileRoom::on_event(const client::Event& event) {
    if (const auto* ticket = std::get_if<proto::Ticket>(&event)) client_.ticket(*ticket);
    if (const auto* failure = std::get_if<client::RequestFailed>(&event); failure && failure->what == "files")
        client_.ticket_refused(failure->error);
}

void FileRoom::add_task(JobId id, Task task) {
    if (!task.is_removal) {
        ++batch_.files;
        batch_.total += task.size;
    }
    tasks_[id] = std::move(task);
}

// It is over; with the last one the batch is.
FileRoom::Task FileRoom::take_task(JobId id) {
    auto task = std::move(tasks_[id]);
    tasks_.erase(id);
    under_way_.erase(task.what.empty() ? task.target : task.what);
    batch_.finished += task.is_removal ? 0 : 1;
    batch_.done += task.size - std::min(task.size, task.done);
    if (tasks_.empty()) end_batch();
    settle_.request();
    return task;
}

// While a part of it is to be sent again, the rest is found by its keys, and not sent twice.
void FileRoom::end_batch() {
    if (!batch_.is_incomplete) {
        for (const auto& what : batch_.sent) keys_.forget(what);
    }
    batch_ = {};
}

void FileRoom::progress(JobId id, const client::FileClient::Progress& progress) {
    const auto now = net::now();
    auto& task = tasks_[id];
    if (task.begun == Time{}) {  // the rate is of the time since its first bytes, without them
        task.begun = now;
        task.first = task.moved = progress.moved;
    }
    if (batch_.begun == Time{}) batch_.begun = now;
    batch_.moved += progress.moved - std::exchange(task.moved, progress.moved);
    batch_.done += progress.done - std::exchange(task.done, progress.done);
    if (!options_.shows_progress || (now - task.shown < kShowGap && progress.done < progress.total)) return;
    task.shown = now;
    reporter_.transfer_progress({.name = task.name,
                                 .done = progress.done,
                                 .total = progress.total,
                                 .bytes_per_second = rate(progress.moved - task.first, now - task.begun),
                                 .batch = {.files = batch_.files,
                                           .finished = batch_.finished,
                                           .done = batch_.done,
                                           .total = batch_.total,
                                           .bytes_per_second = rate(batch_.moved, now - batch_.begun)}});
}

void FileRoom::stored(JobId id, const proto::FileInfo& file) {
    batch_.sent.push_back(tasks_[id].what);
    const auto task = take_task(id);
    keys_.stored(options_.server.text(), file.file_id(), file.expires_at(), task.key);
    reporter_.file_sent(file);
}

void FileRoom::failed(JobId id, const client::FileClient::Failure& failure) {
    auto name = std::string("files");
    if (tasks_.contains(id)) {
        batch_.is_incomplete |= failure.is_incomplete;
        const auto task = take_task(id);
        name = task.name;
        // Who begins the same upload elsewhere goes on with its key.
        const bool is_over = !failure.is_incomplete && failure.error.code() != proto::ALREADY_JOINED;
        if (is_over && !task.what.empty()) keys_.forget(task.what);
        if (task.is_removal && failure.error.code() == proto::NOT_FOUND &&
            task.name == std::to_string(task.file_id)) {
            // The server knows no such number any more: perhaps a file is called so.
            keys_.forget_owner(options_.server.text(), task.file_id);
            return remove_listed({task.name});
        }
    }
    lists_.erase(id);
    fail(exit_code_of(failure), name,
         failure.error.text() + (failure.is_incomplete ? " (give the same command again to go on)" : ""));
}

void FileRoom::fail(ExitCode code, const std::string& what, const std::string& text) {
    exit_code_ = std::max(exit_code_, code);
    reporter_.error(what, what == "send" || what == "get" || what == "rm" ? text : what + ": " + text);
    settle_.request();
}

void FileRoom::settle() {
    if (is_idle()) on_idle_();
}

}  // namespace connectsphere::cli
