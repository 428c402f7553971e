#include "client-gui/preview.hpp"

#include <algorithm>
#include <cmath>

#include "client-gui/own_video.hpp"
#include "client-gui/view.hpp"
#include "lib/client/sound_devices.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kFramesPerLevel = 4;  // 80 ms
constexpr int kNoQuality = 1;       // nothing is encoded for the preview

}  // namespace

std::optional<double> LevelMeter::show(double decibels) {
    constexpr double kQuietest = 60, kFall = 0.7, kSeen = 0.005;
    shown_ = std::max(std::max(0.0, 1 - decibels / kQuietest), shown_ * kFall);
    if (std::abs(shown_ - told_) < kSeen) return std::nullopt;
    return told_ = shown_;
}

DevicePreview::DevicePreview(net::Loop& loop, Pictures& pictures, Tell tell)
    : loop_(loop), pictures_(pictures), tell_(std::move(tell)), timer_(loop.timer([this] { listen(); })) {}

void DevicePreview::show(const Preview& preview) {
    stop();
    show_camera(preview.video_in);
    listen_to(preview.audio_in);
}

void DevicePreview::stop() {
    camera_.reset();
    listening_.reset();
    timer_.cancel();
    pictures_.forget(kOwnPicture);
}

void DevicePreview::show_camera(const std::string& what) {
    auto video = open_video(what);
    if (!video) return tell_(DeviceFault{"No camera: " + video.error().what});
    if (!*video) return;
    const auto format = (*video)->format();
    auto own = std::make_unique<OwnVideo>(
        std::move(*video), what, format, open_video, pictures_, [this, tell = tell_](const Error& error) {
            loop_.post([tell, text = "No camera: " + error.what] { tell(DeviceFault{text}); });
        });
    camera_ = std::make_unique<client::VideoCapture>(
        loop_, std::move(own), client::VideoEncoders({}, kNoQuality),
        client::VideoCapture::Handlers{.on_picture = [](auto, Time) {}});
}

void DevicePreview::listen_to(const std::string& what) {
    if (what.empty() || what == "none") return;
    auto source = client::open_audio_source(what);
    if (!source) return tell_(DeviceFault{"No microphone: " + source.error().what});
    listening_.emplace(
        Listening{.source = std::move(*source), .due = net::now(), .level = media::kSilenceLevel});
    listen();
}

void DevicePreview::listen() {
    if (!listening_) return;
    auto& l = *listening_;
    media::AudioFrame frame{};
    if (l.source->read(frame)) l.level = std::min<double>(l.level, media::level_dbov(frame));
    if (++l.frames % kFramesPerLevel == 0) {
        if (const auto shown = l.meter.show(l.level)) tell_(SoundLevel{*shown});
        l.level = media::kSilenceLevel;
    }
    l.due = std::max(l.due + media::kFrameDuration, net::now() - media::kFrameDuration);
    timer_.set(l.due);
}

}  // namespace connectsphere::gui
