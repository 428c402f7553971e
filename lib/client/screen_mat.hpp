// A screen that OpenCV draws.
#pragma once

#include <opencv2/core.hpp>

#include "lib/client/screen_source.hpp"

namespace connectsphere::client {

// Of 32 bits a pixel; valid as long as it is.
inline ScreenPixels pixels_of(const cv::Mat& picture) {
    return {.data = reinterpret_cast<const std::byte*>(picture.data),
            .width = picture.cols,
            .height = picture.rows,
            .stride = picture.step};
}

}  // namespace connectsphere::client
