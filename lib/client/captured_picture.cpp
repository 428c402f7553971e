#include "lib/client/captured_picture.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace connectsphere::client {

namespace {

constexpr int kMaxSide = 2040;  // RFC 2435
constexpr double kDefaultFrameRate = 15, kMaxFrameRate = 120;

int carried(double side) { return std::clamp(static_cast<int>(side) / 8 * 8, 8, kMaxSide); }

}  // namespace

VideoSource::Format completed(const VideoSource::Format& wanted, const cv::VideoCapture& capture) {
    auto format = wanted;
    if (format.width == 0) format.width = carried(capture.get(cv::CAP_PROP_FRAME_WIDTH));
    if (format.height == 0) format.height = carried(capture.get(cv::CAP_PROP_FRAME_HEIGHT));
    if (format.frame_rate <= 0) format.frame_rate = capture.get(cv::CAP_PROP_FPS);
    if (format.frame_rate <= 0 || format.frame_rate > kMaxFrameRate) format.frame_rate = kDefaultFrameRate;
    return format;
}

void scale(const cv::Mat& picture, const VideoSource::Format& format, media::Image& out) {
    media::resize(out, media::PixelFormat::bgr, format.width, format.height);
    cv::Mat target(format.height, format.width, CV_8UC3, out.pixels.data());
    cv::resize(picture, target, target.size(), 0, 0, cv::INTER_AREA);
}

}  // namespace connectsphere::client
