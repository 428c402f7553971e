// Picture and video files through OpenCV. Debian's videoio links FFmpeg's GPL build (README.md, "Licences").
#include "lib/client/screen_input.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "lib/client/screen_generator.hpp"
#include "lib/client/screen_mat.hpp"
#include "lib/client/screen_ticker.hpp"

namespace connectsphere::client {

namespace {

namespace fs = std::filesystem;

constexpr double kFolderRate = 10;
constexpr double kClipRate = 25;  // of a clip that does not say

class FileScreen : public ScreenTicker {
  public:
    FileScreen(cv::Mat first, double rate) : ScreenTicker(rate, 0), picture_(std::move(first)) {}

    ScreenPixels pixels() const override { return pixels_of(picture_); }

  protected:
    std::vector<ScreenRect> first() override { return all(); }
    Result<std::vector<ScreenRect>> step(std::uint64_t, std::uint64_t) override {
        cv::Mat next;
        if (is_over_ || !read(next) || next.empty()) {
            is_over_ = true;
            return std::vector<ScreenRect>{};
        }
        cv::cvtColor(next, picture_, cv::COLOR_BGR2BGRA);
        return all();
    }
    virtual bool read(cv::Mat& next) = 0;

  private:
    std::vector<ScreenRect> all() const { return {{0, 0, picture_.cols, picture_.rows}}; }

    cv::Mat picture_;
    bool is_over_ = false;
};

// A picture, or several that follow each other.
class Pictures : public FileScreen {
  public:
    Pictures(cv::Mat first, std::vector<std::string> others, double rate)
        : FileScreen(std::move(first), rate), others_(std::move(others)) {}

  protected:
    bool read(cv::Mat& next) override {
        if (at_ == others_.size()) return false;
        next = cv::imread(others_[at_++], cv::IMREAD_COLOR);
        return true;
    }

  private:
    std::vector<std::string> others_;
    std::size_t at_ = 0;
};

class Clip : public FileScreen {
  public:
    Clip(cv::Mat first, cv::VideoCapture clip, double rate)
        : FileScreen(std::move(first), rate), clip_(std::move(clip)) {}

  protected:
    bool read(cv::Mat& next) override { return clip_.read(next); }

  private:
    cv::VideoCapture clip_;
};

cv::Mat with_four_bytes(const cv::Mat& picture) {
    cv::Mat out;
    cv::cvtColor(picture, out, cv::COLOR_BGR2BGRA);
    return out;
}

bool is_picture(const fs::path& path) {
    auto ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".ppm" || ending == ".bmp";
}

Result<std::unique_ptr<ScreenSource>> open_pictures(std::vector<std::string> files, double rate) {
    const auto first = cv::imread(files.front(), cv::IMREAD_COLOR);
    if (first.empty()) return Error{Errc::not_found, files.front() + " can not be read as a picture"};
    files.erase(files.begin());
    return std::unique_ptr<ScreenSource>(
        std::make_unique<Pictures>(with_four_bytes(first), std::move(files), rate > 0 ? rate : kFolderRate));
}

}  // namespace

Result<std::unique_ptr<ScreenSource>> open_screen_input(const std::string& input, double rate) {
    constexpr std::string_view kGenerator = "generator:";
    if (input.starts_with(kGenerator)) {
        const auto plan = parse_screen_plan(input.substr(kGenerator.size()));
        if (!plan) return plan.error();
        return make_screen(*plan);
    }
    std::error_code error;
    if (fs::is_directory(input, error)) {
        std::vector<std::string> files;
        for (const auto& entry : fs::directory_iterator(input, error)) {
            if (is_picture(entry.path())) files.push_back(entry.path().string());
        }
        if (files.empty()) return Error{Errc::not_found, input + " has no pictures"};
        std::sort(files.begin(), files.end());
        return open_pictures(std::move(files), rate);
    }
    if (is_picture(input)) return open_pictures({input}, rate);
    cv::VideoCapture clip(input);
    cv::Mat first;
    if (!clip.isOpened() || !clip.read(first))
        return Error{Errc::not_found, input + " can not be read as a picture or a clip"};
    if (rate <= 0) rate = clip.get(cv::CAP_PROP_FPS);
    if (!(rate > 0) || rate > 120) rate = kClipRate;
    return std::unique_ptr<ScreenSource>(
        std::make_unique<Clip>(with_four_bytes(first), std::move(clip), rate));
}

Result<void> write_picture(const std::string& path, const media::ScreenView& picture) {
    cv::Mat pixels(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.data),
                   picture.stride);
    cv::Mat colours;
    cv::cvtColor(pixels, colours, cv::COLOR_BGRA2BGR);
    const auto ending = fs::path(path).extension().string();
    std::string part = path;
    part += ".part";
    part += ending;
    try {
        // Fast: a picture of the past is not worth the time that a small file takes.
        if (!cv::imwrite(part, colours, {cv::IMWRITE_PNG_COMPRESSION, 1}))
            return Error{Errc::system, path + " can not be written"};
    } catch (const cv::Exception&) {
        return Error{Errc::system, path + " can not be written; its name should end in .png, .ppm or .jpg"};
    }
    if (std::rename(part.c_str(), path.c_str()) != 0)
        return Error{Errc::system, path + " can not be written"};
    return {};
}

}  // namespace connectsphere::client
