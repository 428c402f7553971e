// What cameras and video files have in common: pictures of OpenCV's videoio, brought to the size and rate in
// which they are sent.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

#include "lib/client/devices.hpp"

namespace connectsphere::client {

// Zeros in `wanted` are filled with what the capture has, as near as it can be carried.
VideoSource::Format completed(const VideoSource::Format& wanted, const cv::VideoCapture& capture);

void scale(const cv::Mat& picture, const VideoSource::Format& format, media::Image& out);

}  // namespace connectsphere::client
