// Video files through OpenCV's videoio. Debian's videoio links FFmpeg's GPL build: a program that links this
// file is distributed under GPL terms (README.md, "Licences").
#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "lib/client/devices.hpp"

namespace connectsphere::client {

namespace {

constexpr int kMaxSide = 2040;  // RFC 2435
constexpr double kDefaultFrameRate = 15;

int carried(int side) { return std::clamp(side / 8 * 8, 8, kMaxSide); }

class FileVideo : public VideoSource {
  public:
    FileVideo(std::string path, cv::VideoCapture capture, const Format& format)
        : path_(std::move(path)), capture_(std::move(capture)), format_(format) {}

    Result<void> read(media::Image& out) override {
        if (!capture_.read(frame_)) {
            // From the beginning again: seeking fails for raw streams, opening does not.
            if (!capture_.open(path_) || !capture_.read(frame_))
                return Error{Errc::closed, "no more pictures"};
        }
        media::resize(out, media::PixelFormat::bgr, format_.width, format_.height);
        cv::Mat target(format_.height, format_.width, CV_8UC3, out.pixels.data());
        cv::resize(frame_, target, target.size(), 0, 0, cv::INTER_AREA);
        return {};
    }
    Format format() const override { return format_; }

  private:
    std::string path_;
    cv::VideoCapture capture_;
    Format format_;
    cv::Mat frame_;
};

}  // namespace

Result<std::unique_ptr<VideoSource>> open_video_file(const std::string& path,
                                                     const VideoSource::Format& wanted) {
    cv::VideoCapture capture(path);
    if (!capture.isOpened()) return Error{Errc::not_found, path + " can not be read as a video"};
    auto format = wanted;
    const auto of_file = [&](int property) { return carried(static_cast<int>(capture.get(property))); };
    if (format.width == 0) format.width = of_file(cv::CAP_PROP_FRAME_WIDTH);
    if (format.height == 0) format.height = of_file(cv::CAP_PROP_FRAME_HEIGHT);
    if (format.frame_rate <= 0) format.frame_rate = capture.get(cv::CAP_PROP_FPS);
    if (format.frame_rate <= 0 || format.frame_rate > 120) format.frame_rate = kDefaultFrameRate;
    return std::unique_ptr<VideoSource>(std::make_unique<FileVideo>(path, std::move(capture), format));
}

}  // namespace connectsphere::client
