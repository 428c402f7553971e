#include "client-cli/picture_files.hpp"

#include <cstdio>
#include <filesystem>

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

bool PictureFiles::write(const proto::Participant& participant, const client::ReceivedVideo& frame) {
    if (where_ == "none") return true;
    auto& sender = senders_[participant.session_id()];
    ++sender.frames;
    if (where_.ends_with(kMatroska)) {
        record(sender, participant, frame);
    } else if (frame.codec == proto::JPEG) {
        write_picture(sender, participant, frame.data);
    } else {
        if (!sender.decoder.decode(frame, picture_)) return false;
        media::to_full_range(picture_);
        const auto jpeg = jpeg_.encode(picture_, kPictureQuality);
        if (jpeg) write_picture(sender, participant, *jpeg);
    }
    return true;
}

// One file a participant, and a further one when the codec changes: FILE-NAME.mkv, FILE-NAME-2.mkv …
void PictureFiles::record(Sender& sender, const proto::Participant& participant,
                          const client::ReceivedVideo& frame) {
    if (sender.recording && sender.recording->codec() != frame.codec) sender.recording.reset();
    if (sender.recording) return (void)sender.recording->write(frame);
    if (!frame.is_key_frame) return;
    auto path = where_.substr(0, where_.size() - kMatroska.size()) + "-" + folder_name(participant);
    if (++sender.recordings > 1) path += "-" + std::to_string(sender.recordings);
    int width = 0, height = 0;
    for (const auto& stream : participant.streams()) {
        if (stream.encodings().empty() || stream.encodings(0).width() == 0) continue;
        width = static_cast<int>(stream.encodings(0).width());
        height = static_cast<int>(stream.encodings(0).height());
    }
    auto opened = client::VideoRecording::open(path + std::string(kMatroska), frame, width, height);
    if (!opened) return reporter_.error("video-out", opened.error().what);
    sender.recording.emplace(std::move(*opened));
}

void PictureFiles::write_picture(const Sender& sender, const proto::Participant& participant, Bytes jpeg) {
    const auto folder = std::filesystem::path(where_) / folder_name(participant);
    std::error_code ignored;
    if (sender.frames == 1) std::filesystem::create_directories(folder, ignored);
    char file[32];
    std::snprintf(file, sizeof file, "%06llu.jpg", static_cast<unsigned long long>(sender.frames));
    std::FILE* out = std::fopen((folder / file).c_str(), "wb");
    const bool written = out && std::fwrite(jpeg.data(), 1, jpeg.size(), out) == jpeg.size();
    if (out) std::fclose(out);
    if (!written && sender.frames == 1) {
        reporter_.error("video-out", "can not write to " + folder.string());
    }
}

}  // namespace connectsphere::cli
