// Cameras: V4L2 through OpenCV's videoio (for its licence see video_file.cpp). A camera has a number, N of
// /dev/videoN, and a name that the kernel tells.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <opencv2/videoio.hpp>

#include "lib/client/captured_picture.hpp"
#include "lib/client/devices.hpp"

namespace connectsphere::client {

namespace {

// The kernel's names of its video devices, by number.
std::map<int, std::string> cameras() {
    std::map<int, std::string> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/video4linux", ignored)) {
        const auto device = entry.path().filename().string();
        if (!device.starts_with("video")) continue;
        std::string name;
        std::ifstream file(entry.path() / "name");
        std::getline(file, name);
        found[std::atoi(device.c_str() + 5)] = name;
    }
    return found;
}

Result<int> number_of(const std::string& which) {
    const auto present = cameras();
    if (present.empty()) return Error{Errc::not_found, "there is no camera (no /dev/video device)"};
    if (which.empty()) return present.begin()->first;
    const bool is_number =
        std::ranges::all_of(which, [](char c) { return c >= '0' && c <= '9'; }) && which.size() < 4;
    std::string all;
    for (const auto& [number, name] : present) {
        if (is_number ? number == std::atoi(which.c_str()) : name.find(which) != std::string::npos)
            return number;
        all += (all.empty() ? "" : ", ") + std::to_string(number) + " (" + name + ")";
    }
    return Error{Errc::not_found, "there is no camera \"" + which + "\"; there are " + all};
}

class Camera : public VideoSource {
  public:
    Camera(const cv::VideoCapture& capture, const Format& format) : capture_(capture), format_(format) {}

    Result<void> read(media::Image& out) override {
        if (!capture_.read(frame_)) return Error{Errc::closed, "the camera gives no more pictures"};
        scale(frame_, format_, out);
        return {};
    }
    Format format() const override { return format_; }

  private:
    cv::VideoCapture capture_;
    Format format_;
    cv::Mat frame_;
};

}  // namespace

Result<std::unique_ptr<VideoSource>> open_camera(const std::string& which,
                                                 const VideoSource::Format& wanted) {
    const auto number = number_of(which);
    if (!number) return number.error();
    cv::VideoCapture capture(*number, cv::CAP_V4L2);
    if (!capture.isOpened()) {
        return Error{Errc::not_found, "camera " + std::to_string(*number) +
                                          " can not be opened; is it in use, or closed to this user?"};
    }
    if (wanted.width > 0) {
        capture.set(cv::CAP_PROP_FRAME_WIDTH, wanted.width);
        capture.set(cv::CAP_PROP_FRAME_HEIGHT, wanted.height);
    }
    if (wanted.frame_rate > 0) capture.set(cv::CAP_PROP_FPS, wanted.frame_rate);
    const auto format = completed(wanted, capture);
    return std::unique_ptr<VideoSource>(std::make_unique<Camera>(std::move(capture), format));
}

}  // namespace connectsphere::client
