// cs-test-verify: what a client has recorded, as figures that a test can judge. One line of JSON.
//
//     cs-test-verify voices RECORDING VOICE...       is each voice in it (lib/media/audio_match)?
//     cs-test-verify pictures DIR [--clip FILE]      which pictures of the test pattern, or of a clip, are in
//     it?
//
// A client's recording begins when its keys have come, which may be after another one began to talk: silence
// is put before it, so that a voice whose beginning is missing is found too.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/client/devices.hpp"
#include "lib/media/audio_match.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/pattern.hpp"
#include "lib/media/wav.hpp"

namespace connectsphere::testing {
namespace {

namespace fs = std::filesystem;

constexpr Duration kLead = 1s;       // of a voice, before the recording begins
constexpr Duration kMaxOffset = 3s;  // of a voice in the recording, the lead included
constexpr int kThumbnail = 8;        // pixels of a picture in one of its thumbnail, each way

template <class T>
T require(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return *std::move(result);
}

// ---- voices

int verify_voices(const std::string& file, const std::vector<std::string>& voices) {
    auto recording = require(media::load_wav(file));
    const double length = static_cast<double>(recording.size()) / media::kSampleRate;
    recording.insert(recording.begin(), static_cast<std::size_t>(seconds(kLead) * media::kSampleRate), 0);
    std::printf("{\"seconds\":%.2f,\"voices\":[", length);
    for (std::size_t i = 0; i < voices.size(); ++i) {
        const auto match = media::match_voice(recording, require(media::load_wav(voices[i])), kMaxOffset);
        std::printf("%s{\"name\":\"%s\",\"score\":%.3f,\"present\":%s,\"offset_seconds\":%.3f}",
                    i == 0 ? "" : ",", fs::path(voices[i]).stem().c_str(), match.score,
                    match.score > media::kVoicePresent ? "true" : "false", seconds(match.offset - kLead));
    }
    std::printf("]}\n");
    return 0;
}

// ---- pictures

using Grey = std::vector<std::uint8_t>;

Grey brightness(const media::Image& image) {
    const auto size = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    Grey out(size);
    if (image.format == media::PixelFormat::i420) {
        std::copy_n(image.pixels.begin(), size, out.begin());
        return out;
    }
    for (std::size_t i = 0; i < size; ++i) {  // ITU-R BT.601, as JFIF has it
        const auto* bgr = &image.pixels[3 * i];
        out[i] = static_cast<std::uint8_t>((114 * bgr[0] + 587 * bgr[1] + 299 * bgr[2] + 500) / 1000);
    }
    return out;
}

Grey thumbnail(const Grey& grey, int width, int height) {
    Grey out;
    for (int top = 0; top + kThumbnail <= height; top += kThumbnail) {
        for (int left = 0; left + kThumbnail <= width; left += kThumbnail) {
            int sum = 0;
            for (int y = top; y < top + kThumbnail; ++y) {
                for (int x = left; x < left + kThumbnail; ++x)
                    sum += grey[static_cast<std::size_t>(y * width + x)];
            }
            out.push_back(static_cast<std::uint8_t>(sum / (kThumbnail * kThumbnail)));
        }
    }
    return out;
}

double mean_square_error(const Grey& a, const Grey& b) {
    if (a.size() != b.size() || a.empty()) return std::numeric_limits<double>::infinity();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const int difference = a[i] - b[i];
        sum += static_cast<std::uint64_t>(difference * difference);
    }
    return static_cast<double>(sum) / static_cast<double>(a.size());
}

// The pictures of a clip, to find which of them a received one is, and how much of it is left.
class Clip {
  public:
    Clip(const std::string& file, int width, int height, int pictures) {
        const auto source =
            require(client::open_video_file(file, {.width = width, .height = height, .frame_rate = 0}));
        media::Image image;
        for (int i = 0; i < pictures && source->read(image); ++i) {
            pictures_.push_back(brightness(image));
            thumbnails_.push_back(thumbnail(pictures_.back(), width, height));
        }
    }

    // Peak signal to noise ratio of the brightness, in dB, against the most similar picture.
    double psnr(const media::Image& image) const {
        const auto grey = brightness(image);
        const auto small = thumbnail(grey, image.width, image.height);
        std::size_t best = 0;
        for (std::size_t i = 1; i < thumbnails_.size(); ++i) {
            if (mean_square_error(thumbnails_[i], small) < mean_square_error(thumbnails_[best], small))
                best = i;
        }
        return 10 * std::log10(255.0 * 255.0 / std::max(mean_square_error(pictures_[best], grey), 1e-6));
    }

  private:
    std::vector<Grey> pictures_, thumbnails_;
};

std::vector<fs::path> pictures_in(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".jpg") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

struct Seen {
    std::size_t files = 0, undecodable = 0;
    std::set<std::uint16_t> tags;
    std::vector<std::uint32_t> frames;  // of the pattern, as they came
    std::vector<double> psnr;
};

Seen look_at(const std::string& folder, const std::string& clip_file, int clip_pictures) {
    Seen seen;
    media::JpegDecoder decoder;
    media::Image image;
    std::optional<Clip> clip;
    for (const auto& file : pictures_in(folder)) {
        std::ifstream in(file, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        ++seen.files;
        if (!decoder.decode(as_bytes(bytes), media::PixelFormat::i420, image)) {
            ++seen.undecodable;
            continue;
        }
        if (const auto mark = media::read_pattern(image)) {
            seen.tags.insert(mark->tag);
            seen.frames.push_back(mark->frame);
        }
        if (clip_file.empty()) continue;
        if (!clip) clip.emplace(clip_file, image.width, image.height, clip_pictures);
        seen.psnr.push_back(clip->psnr(image));
    }
    return seen;
}

int verify_pictures(const std::string& folder, const std::string& clip_file, int clip_pictures) {
    auto seen = look_at(folder, clip_file, clip_pictures);
    std::printf("{\"files\":%zu,\"undecodable\":%zu,\"marked\":%zu,\"tags\":%zu", seen.files,
                seen.undecodable, seen.frames.size(), seen.tags.size());
    if (!seen.frames.empty()) {
        const bool in_order = std::adjacent_find(seen.frames.begin(), seen.frames.end(),
                                                 std::greater_equal<>()) == seen.frames.end();
        std::printf(",\"first\":%u,\"last\":%u,\"in_order\":%s", seen.frames.front(), seen.frames.back(),
                    in_order ? "true" : "false");
    }
    if (!seen.psnr.empty()) {
        std::sort(seen.psnr.begin(), seen.psnr.end());
        std::printf(",\"psnr_min\":%.1f,\"psnr_median\":%.1f", seen.psnr.front(),
                    seen.psnr[seen.psnr.size() / 2]);
    }
    std::printf("}\n");
    return 0;
}

}  // namespace
}  // namespace connectsphere::testing

int main(int argc, char** argv) {
    CLI::App app("Says what is in a client's recordings, as JSON.");
    app.require_subcommand(1);
    std::string recording, folder, clip;
    std::vector<std::string> voices;
    int clip_pictures = 120;
    auto* voices_command = app.add_subcommand("voices", "Which voices are in a recording");
    voices_command->add_option("recording", recording, "FILE.wav")->required();
    voices_command->add_option("voice", voices, "FILE.wav, up to several")->required();
    auto* pictures_command = app.add_subcommand("pictures", "Which pictures are in a folder");
    pictures_command->add_option("folder", folder, "what --video-out wrote of one sender")->required();
    pictures_command->add_option("--clip", clip, "the video that was sent");
    pictures_command->add_option("--clip-pictures", clip_pictures,
                                 "how many of its pictures to compare with");
    CLI11_PARSE(app, argc, argv);
    try {
        return *voices_command ? connectsphere::testing::verify_voices(recording, voices)
                               : connectsphere::testing::verify_pictures(folder, clip, clip_pictures);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cs-test-verify: %s\n", error.what());
        return 1;
    }
}
