#include "client-cli/file_room.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/client/file_name.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/random.hpp"
#include "lib/client/xdg.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

namespace fs = std::filesystem;

constexpr Duration kShowGap = 200ms;       // between two pictures of a transfer's progress
constexpr std::size_t kMaxBatch = 10'000;  // files of one folder

ExitCode exit_code_of(const client::FileClient::Failure& failure) {
    if (failure.is_incomplete) return kIncomplete;
    if (failure.error.code() == proto::NOT_FOUND) return kNotFound;
    return failure.error.code() == proto::BAD_REQUEST ? kFailed : kRefused;
}

bool is_id(const std::string& text) {
    return !text.empty() && text.size() < 19 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the file is meant: by its id, or by its name where no id fits.
bool is_meant(const proto::FileInfo& file, const std::string& what) {
    return file.name() == what || (is_id(what) && file.file_id() == std::stoull(what));
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
                       reporter_.file_fetched(file, tasks_[id].target);
                       tasks_.erase(id);
                       settle_.request();
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
                       keys_.forget_owner(options_.server.text(), tasks_[id].file_id);
                       reporter_.file_removed(tasks_[id].file_id, tasks_[id].name);
                       tasks_.erase(id);
                       settle_.request();
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
    std::error_code error;
    if (!fs::is_directory(path, error))
        return send_file(path, fs::path(path).filename().string(), to_session);
    const auto base = fs::absolute(path, error).lexically_normal().parent_path();
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error)) files.push_back(it->path());
        if (files.size() > kMaxBatch)
            return fail(kUsage, "send", path + " has too many files; pack them into an archive");
    }
    if (error) return fail(kNotFound, "send", path + ": " + error.message());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) send_file(file.string(), file.filename().string(), to_session);
    if (files.empty()) fail(kNotFound, "send", path + " has no files");
}

void FileRoom::send_file(const std::string& path, const std::string& name, std::uint64_t to_session) {
    auto source = client::LocalSource::open(path);
    if (!source) return fail(kNotFound, "send", source.error().what);
    // The same file, sent again after a break, goes on where it was.
    const auto what = options_.server.text() + '\n' + options_.room + '\n' + std::to_string(to_session) +
                      '\n' + path + '\n' + source->identity();
    auto key = keys_.find(what);
    if (!key) {
        std::array<std::uint8_t, 32> fresh{};
        client::random_bytes(fresh);
        key = std::string(as_text(fresh));
        if (const auto kept = keys_.remember(what, *key); !kept)
            reporter_.note("it can not go on after a break: " + kept.error().what + "\n");
    }
    const auto size = source->size();
    const auto id = client_.upload({.key = *key,
                                    .name = name,
                                    .size = size,
                                    .media_type = client::media_type_of(path),
                                    .to_session = to_session},
                                   std::move(*source));
    tasks_[id] = {.name = name, .key = *key, .what = what, .begun = net::now()};
}

void FileRoom::get(const std::vector<std::string>& what, const std::string& output) {
    std::error_code error;
    if (what.size() > 1 && !output.empty() && !fs::is_directory(output, error))
        return fail(kUsage, "get", "several files need a folder: -o FOLDER");
    with_list("", [this, what, output](const auto& files) {
        for (const auto& wanted : what) {
            const auto newest = std::find_if(files.rbegin(), files.rend(),
                                             [&](const auto& file) { return is_meant(file, wanted); });
            if (newest == files.rend()) {
                fail(
                    kNotFound, "get",
                    "there is no file \"" + wanted +
                        "\" for you in this room; what was sent to one person only is fetched in the call of "
                        "that person, with /get");
            } else {
                fetch(*newest, output);
            }
        }
    });
}

void FileRoom::fetch(const proto::FileInfo& file, const std::string& output) {
    std::error_code error;
    fs::path target = output.empty() ? client::downloads_folder() : fs::path(output);
    if (output.empty()) fs::create_directories(target, error);
    if (fs::is_directory(target, error)) target /= client::safe_file_name(file.name());
    auto part = client::PartFile::open(target, as_bytes(file.sha256()), options_.force);
    if (!part) return fail(kFailed, "get", part.error().what);
    const auto id = client_.download(file, std::move(*part));
    tasks_[id] = {
        .name = client::safe_file_name(file.name()), .target = target.string(), .begun = net::now()};
}

void FileRoom::list(const std::string& search) {
    with_list(search, [this](const auto& files) { reporter_.file_list(files); });
}

void FileRoom::remove(const std::vector<std::string>& what) {
    with_list("", [this, what](const auto& files) {
        for (const auto& wanted : what) {
            const auto newest = std::find_if(files.rbegin(), files.rend(),
                                             [&](const auto& file) { return is_meant(file, wanted); });
            if (newest == files.rend()) {
                fail(kNotFound, "rm", "there is no file \"" + wanted + "\" in this room");
                continue;
            }
            const auto key = keys_.owner_key(options_.server.text(), newest->file_id());
            const auto id = client_.remove(newest->file_id(), key.value_or(""));
            tasks_[id] = {.name = newest->name(), .file_id = newest->file_id()};
        }
    });
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

void FileRoom::progress(JobId id, const client::FileClient::Progress& progress) {
    const auto now = net::now();
    auto& task = tasks_[id];
    if (!options_.shows_progress || (now - task.shown < kShowGap && progress.done < progress.total)) return;
    task.shown = now;
    const auto time = seconds(now - task.begun);
    reporter_.transfer_progress(
        {.name = task.name,
         .done = progress.done,
         .total = progress.total,
         .bytes_per_second = time > 0 ? static_cast<double>(progress.moved) / time : 0});
}

void FileRoom::stored(JobId id, const proto::FileInfo& file) {
    const auto& task = tasks_[id];
    keys_.stored(task.what, options_.server.text(), file.file_id(), task.key);
    reporter_.file_sent(file);
    tasks_.erase(id);
    settle_.request();
}

void FileRoom::failed(JobId id, const client::FileClient::Failure& failure) {
    auto name = std::string("files");
    if (const auto task = tasks_.find(id); task != tasks_.end()) {
        name = task->second.name;
        if (!failure.is_incomplete && !task->second.what.empty()) keys_.forget(task->second.what);
        tasks_.erase(task);
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
