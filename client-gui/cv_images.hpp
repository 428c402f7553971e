// Pictures of lib/media as OpenCV sees them, without a copy.
#pragma once

#include <opencv2/core.hpp>

#include "lib/media/image.hpp"

namespace connectsphere::gui {

// A plane of I420, or the pixels of BGR.
inline cv::Mat plane_of(const media::Image& image, int index) {
    const auto plane = media::plane(image, index);
    const bool is_bgr = image.format == media::PixelFormat::bgr;
    // OpenCV knows no constant pixels; nobody writes to those of a constant image.
    auto* data = const_cast<std::uint8_t*>(image.pixels.data()) + plane.offset;
    return {plane.height, is_bgr ? plane.width / 3 : plane.width, is_bgr ? CV_8UC3 : CV_8UC1, data};
}

}  // namespace connectsphere::gui
