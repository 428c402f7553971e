#include "client-gui/own_video.hpp"

#include <array>

#include "client-gui/view.hpp"
#include "lib/client/random.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr client::VideoSource::Format kPattern{.width = 640, .height = 360, .frame_rate = 15};

}  // namespace

void VideoSwitch::set(bool is_on) {
    const std::lock_guard lock(mutex_);
    is_on_ = is_on;
    changed_.notify_all();
}

void VideoSwitch::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
}

bool VideoSwitch::is_on() const {
    const std::lock_guard lock(mutex_);
    return is_on_ && !is_closed_;
}

bool VideoSwitch::wait_until_on() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_on_ || is_closed_; });
    return !is_closed_;
}

Result<void> OwnVideo::read(media::Image& out) {
    if (!power_->is_on()) {
        source_.reset();
        pictures_.forget(kOwnPicture);
        if (!power_->wait_until_on()) return Error{Errc::closed, "the camera was closed"};
    }
    if (!source_) {
        auto opened = open_();
        if (!opened) return opened.error();
        source_ = std::move(*opened);
    }
    if (const auto done = source_->read(out); !done) return done;
    pictures_.show(kOwnPicture, out, net::now());
    return {};
}

Result<std::unique_ptr<client::VideoSource>> open_video(const std::string& what) {
    if (what == "none" || what.empty()) return std::unique_ptr<client::VideoSource>();
    if (what == "camera") return client::open_camera({}, {});
    if (what.starts_with("camera:")) return client::open_camera(what.substr(7), {});
    if (what != "pattern") return client::open_video_file(what, {});
    std::array<std::uint8_t, 2> tag{};
    client::random_bytes(tag);
    return client::make_pattern(Reader(tag).u16(), kPattern);
}

}  // namespace connectsphere::gui
