#include "client-cli/video.hpp"

#include <array>
#include <cstdio>

#include "lib/client/random.hpp"

namespace connectsphere::cli {

namespace {

constexpr int kDefaultWidth = 640, kDefaultHeight = 360;
constexpr double kDefaultFrameRate = 15;

Result<client::VideoSource::Format> video_format(const JoinOptions& options) {
    client::VideoSource::Format format{.frame_rate = options.frame_rate};
    if (options.video_size.empty()) return format;
    char rest = 0;
    if (std::sscanf(options.video_size.c_str(), "%dx%d%c", &format.width, &format.height, &rest) != 2) {
        return Error{Errc::usage,
                     "--video-size " + options.video_size + ": write WIDTHxHEIGHT, such as 640x360"};
    }
    for (const int side : {format.width, format.height}) {
        if (side < 64 || side > 2040 || side % 8 != 0) {
            return Error{Errc::usage,
                         "--video-size " + options.video_size + ": sides are multiples of 8 from 64 to 2040"};
        }
    }
    return format;
}

}  // namespace

Result<std::unique_ptr<client::VideoSource>> open_video_source(const JoinOptions& options) {
    auto format = video_format(options);
    if (!format) return format.error();
    if (options.video_in == "none") return std::unique_ptr<client::VideoSource>();
    if (options.video_in == "camera" || options.video_in.starts_with("camera:")) {
        const auto colon = options.video_in.find(':');
        return client::open_camera(colon == std::string::npos ? "" : options.video_in.substr(colon + 1),
                                   *format);
    }
    if (options.video_in != "pattern") return client::open_video_file(options.video_in, *format);
    if (format->width == 0) *format = {kDefaultWidth, kDefaultHeight, format->frame_rate};
    if (format->height < 128) return Error{Errc::usage, "the pattern needs a height of at least 128"};
    if (format->frame_rate <= 0) format->frame_rate = kDefaultFrameRate;
    std::array<std::uint8_t, 2> tag{};
    client::random_bytes(tag);
    return client::make_pattern(Reader(tag).u16(), *format);
}

}  // namespace connectsphere::cli
