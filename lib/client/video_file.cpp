// Video files through OpenCV's videoio. Debian's videoio links FFmpeg's GPL build: a program that links this
// file is distributed under GPL terms (README.md, "Licences").
#include <filesystem>
#include <opencv2/videoio.hpp>

#include "lib/client/captured_picture.hpp"
#include "lib/client/devices.hpp"

namespace connectsphere::client {

namespace {

class FileVideo : public VideoSource {
  public:
    FileVideo(std::string path, cv::VideoCapture capture, const Format& format)
        : path_(std::move(path)), capture_(std::move(capture)), format_(format) {}

    Result<void> read(media::Image& out) override {
        if (!capture_.read(frame_)) {
            // From the beginning again: seeking fails for raw streams, opening does not.
            if (!capture_.open(path_, cv::CAP_FFMPEG) || !capture_.read(frame_))
                return Error{Errc::closed, "no more pictures"};
        }
        scale(frame_, format_, out);
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
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return Error{Errc::not_found, "there is no file " + path};
    // By FFmpeg alone: OpenCV would try whatever else it has, and complain of each.
    cv::VideoCapture capture(path, cv::CAP_FFMPEG);
    if (!capture.isOpened()) return Error{Errc::not_found, path + " can not be read as a video"};
    const auto format = completed(wanted, capture);
    return std::unique_ptr<VideoSource>(std::make_unique<FileVideo>(path, std::move(capture), format));
}

}  // namespace connectsphere::client
