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
    wish_.is_on = is_on;
    changed_.notify_all();
}

void VideoSwitch::choose(std::string what) {
    const std::lock_guard lock(mutex_);
    wish_.what = std::move(what);
    ++wish_.number;
    changed_.notify_all();
}

void VideoSwitch::close() {
    const std::lock_guard lock(mutex_);
    wish_.is_closed = true;
    changed_.notify_all();
}

VideoSwitch::Wish VideoSwitch::wish() const {
    const std::lock_guard lock(mutex_);
    return wish_;
}

bool VideoSwitch::wait_for_choice(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return wish_.number != number || wish_.is_closed; });
    return !wish_.is_closed;
}

bool VideoSwitch::wait_until_on() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return wish_.is_on || wish_.is_closed; });
    return !wish_.is_closed;
}

OwnVideo::OwnVideo(std::unique_ptr<client::VideoSource> source, std::string what, Format format, Open open,
                   Pictures& pictures, OnFault on_fault)
    : source_(std::move(source)),
      format_(format),
      open_(std::move(open)),
      pictures_(pictures),
      on_fault_(std::move(on_fault)),
      power_(std::make_shared<VideoSwitch>(std::move(what))) {}

void OwnVideo::put_away() {
    source_.reset();
    pictures_.forget(kOwnPicture);
}

// A device that can not be had is told, and another one waited for.
bool OwnVideo::prepare() {
    while (true) {
        const auto wish = power_->wish();
        if (wish.is_closed) return false;
        if (!wish.is_on) {
            put_away();
            if (!power_->wait_until_on()) return false;
            continue;
        }
        if (source_ && wish.number == number_) return true;
        put_away();
        number_ = wish.number;
        auto opened = open_(wish.what);
        if (!opened) on_fault_(opened.error());
        if (opened && *opened) {
            source_ = std::move(*opened);
            return true;
        }
        if (!power_->wait_for_choice(number_)) return false;
    }
}

Result<void> OwnVideo::read(media::Image& out) {
    while (prepare()) {
        if (const auto done = source_->read(out); !done) {
            on_fault_(done.error());
            put_away();
            if (!power_->wait_for_choice(number_)) break;
            continue;
        }
        fit_to({format_.width, format_.height}, out);
        pictures_.show(kOwnPicture, out, net::now());
        return {};
    }
    return Error{Errc::closed, "the camera was closed"};
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
