#include "client-cli/picture_files.hpp"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "lib/client/background.hpp"
#include "lib/media/picture_tools.hpp"

namespace connectsphere::cli {

namespace {

constexpr int kPictureQuality = 90;  // of pictures that are written as JPEG and came as something else

}  // namespace

PictureFiles::PictureFiles(const std::string& where, net::Loop& loop, Reporter& reporter)
    : loop_(loop), reporter_(reporter), places_(where) {
    if (where != "none") thread_ = std::thread([this] { run(); });
}

bool PictureFiles::write(const proto::Participant& participant, const client::ReceivedVideo& frame) {
    if (!thread_.joinable()) return true;
    Picture picture{.name = participant.name(),
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

void PictureFiles::forget(SessionId session) {
    const std::lock_guard lock(mutex_);
    left_.push_back(session.value);
    changed_.notify_one();
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
        changed_.wait(lock, [this] { return is_over_ || !waiting_.empty() || !left_.empty(); });
        const auto next = waiting_.pop();
        if (!next) {  // all that they sent is written
            const auto left = std::exchange(left_, {});
            for (const auto session : left) waiting_.forget(session);
            if (left.empty()) return;
            lock.unlock();
            for (const auto session : left) senders_.erase(session);
            lock.lock();
            continue;
        }
        lock.unlock();
        const bool is_whole = write(senders_[next->stream], next->frame);
        lock.lock();
        if (!is_whole) waiting_.break_off(next->stream);
    }
}

bool PictureFiles::write(Sender& sender, const Picture& picture) {
    if (places_.is_recording()) {
        record(sender, picture);
    } else if (picture.codec == proto::JPEG) {
        write_jpeg(sender, picture, picture.bytes);
    } else {
        if (!sender.decoder.decode(picture.frame(), image_)) return false;
        media::to_full_range(image_);
        if (const auto jpeg = jpeg_.encode(image_, kPictureQuality)) write_jpeg(sender, picture, *jpeg);
    }
    return true;
}

// One file a participant, and a further one when the codec changes.
void PictureFiles::record(Sender& sender, const Picture& picture) {
    if (sender.recording && sender.recording->codec() != picture.codec) sender.recording.reset();
    if (sender.recording) return (void)sender.recording->write(picture.frame());
    if (!picture.is_key_frame || sender.has_failed) return;
    const auto path = places_.next_recording(picture.name);
    if (!path) return complain(sender, path.error());
    auto opened =
        client::VideoRecording::open(path->string(), picture.frame(), picture.width, picture.height);
    if (!opened) return complain(sender, opened.error());
    sender.recording.emplace(std::move(*opened));
}

void PictureFiles::write_jpeg(Sender& sender, const Picture& picture, Bytes jpeg) {
    const auto path = places_.next_picture(picture.name);
    if (!path) return complain(sender, path.error());
    std::FILE* out = std::fopen(path->c_str(), "wb");
    bool is_written = out && std::fwrite(jpeg.data(), 1, jpeg.size(), out) == jpeg.size();
    if (out) is_written = std::fclose(out) == 0 && is_written;
    if (!is_written) complain(sender, {Errc::system, "can not write to " + path->string()});
}

void PictureFiles::complain(Sender& sender, const Error& error) {
    if (!std::exchange(sender.has_failed, true)) say(error.what);
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
