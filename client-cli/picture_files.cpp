#include "client-cli/picture_files.hpp"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "lib/client/background.hpp"
#include "lib/media/picture_tools.hpp"

namespace connectsphere::cli {

namespace {

constexpr int kPictureQuality = 90;  // of pictures that are written as JPEG and came as something else
constexpr std::string_view kMatroska = ".mkv";

// A participant's name as a folder's: no separators, no control characters, not hidden.
std::string folder_name(const proto::Participant& participant) {
    auto name = participant.name();
    for (auto& c : name) {
        if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
    }
    if (name.starts_with('.')) name.insert(name.begin(), '_');
    return name;
}

}  // namespace

PictureFiles::PictureFiles(std::string where, net::Loop& loop, Reporter& reporter)
    : where_(std::move(where)), loop_(loop), reporter_(reporter) {
    if (where_ != "none") thread_ = std::thread([this] { run(); });
}

bool PictureFiles::write(const proto::Participant& participant, const client::ReceivedVideo& frame) {
    if (!thread_.joinable()) return true;
    Picture picture{.folder = folder_name(participant),
                    .codec = frame.codec,
                    .timestamp = frame.timestamp,
                    .is_key_frame = frame.is_key_frame,
                    .bytes = Buffer(frame.data.begin(), frame.data.end())};
    for (const auto& stream : participant.streams()) {
        if (stream.encodings().empty() || stream.encodings(0).width() == 0) continue;
        picture.width = static_cast<int>(stream.encodings(0).width());
        picture.height = static_cast<int>(stream.encodings(0).height());
    }
    const std::lock_guard lock(mutex_);
    if (!waiting_.push(participant.session_id(), std::move(picture))) return false;
    changed_.notify_one();
    return true;
}

void PictureFiles::finish() {
    if (!thread_.joinable()) return;
    stop();
    for (const auto& error : std::exchange(errors_, {})) reporter_.error("video-out", error);
    if (const auto dropped = waiting_.dropped(); dropped > 0) {
        reporter_.error("video-out",
                        std::to_string(dropped) + " pictures could not be written in time, and are missing");
    }
}

void PictureFiles::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        changed_.notify_one();
    }
    thread_.join();
}

// ---- the thread

void PictureFiles::run() {
    client::step_back();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
        const auto next = waiting_.pop();
        if (!next) return;
        lock.unlock();
        const bool is_whole = write(senders_[next->stream], next->frame);
        lock.lock();
        if (!is_whole) waiting_.break_off(next->stream);
    }
}

bool PictureFiles::write(Sender& sender, const Picture& picture) {
    if (where_.ends_with(kMatroska)) {
        record(sender, picture);
    } else if (picture.codec == proto::JPEG) {
        write_jpeg(picture, picture.bytes);
    } else {
        if (!sender.decoder.decode(picture.frame(), image_)) return false;
        media::to_full_range(image_);
        if (const auto jpeg = jpeg_.encode(image_, kPictureQuality)) write_jpeg(picture, *jpeg);
    }
    return true;
}

// One file a participant, and a further one when the codec changes, or somebody of that name comes again:
// FILE-NAME.mkv, FILE-NAME-2.mkv …
void PictureFiles::record(Sender& sender, const Picture& picture) {
    if (sender.recording && sender.recording->codec() != picture.codec) sender.recording.reset();
    if (sender.recording) return (void)sender.recording->write(picture.frame());
    if (!picture.is_key_frame) return;
    auto path = where_.substr(0, where_.size() - kMatroska.size()) + "-" + picture.folder;
    if (const auto number = ++kept_[picture.folder].recordings; number > 1)
        path += "-" + std::to_string(number);
    auto opened = client::VideoRecording::open(path + std::string(kMatroska), picture.frame(), picture.width,
                                               picture.height);
    if (!opened) return say(opened.error().what);
    sender.recording.emplace(std::move(*opened));
}

void PictureFiles::write_jpeg(const Picture& picture, Bytes jpeg) {
    const auto number = ++kept_[picture.folder].pictures;
    const auto folder = std::filesystem::path(where_) / picture.folder;
    std::error_code ignored;
    if (number == 1) std::filesystem::create_directories(folder, ignored);
    char file[32];
    std::snprintf(file, sizeof file, "%06llu.jpg", static_cast<unsigned long long>(number));
    std::FILE* out = std::fopen((folder / file).c_str(), "wb");
    const bool written = out && std::fwrite(jpeg.data(), 1, jpeg.size(), out) == jpeg.size();
    if (out) std::fclose(out);
    if (!written && number == 1) say("can not write to " + folder.string());
}

void PictureFiles::say(std::string error) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(std::move(error));
    loop_.post([this] {
        std::unique_lock held(mutex_);
        const auto errors = std::exchange(errors_, {});
        held.unlock();
        for (const auto& each : errors) reporter_.error("video-out", each);
    });
}

}  // namespace connectsphere::cli
