// OwnVideo: a camera (or what stands for one) that can be switched off, whose pictures also go to the own
// window. While it is off the device is closed, so that its light is out.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "client-gui/pictures.hpp"
#include "lib/client/devices.hpp"

namespace connectsphere::gui {

// Shared by the capture's thread and who switches it.
class VideoSwitch {
  public:
    void set(bool is_on);
    void close();  // for good
    bool is_on() const;
    bool wait_until_on();  // false: closed

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool is_on_ = true;
    bool is_closed_ = false;
};

class OwnVideo : public client::VideoSource {
  public:
    using Open = std::function<Result<std::unique_ptr<client::VideoSource>>()>;

    OwnVideo(std::unique_ptr<client::VideoSource> source, Open open, Pictures& pictures)
        : source_(std::move(source)),
          open_(std::move(open)),
          pictures_(pictures),
          format_(source_->format()) {}

    const std::shared_ptr<VideoSwitch>& power() const { return power_; }

    Result<void> read(media::Image& out) override;
    void stop() override { power_->close(); }
    Format format() const override { return format_; }

  private:
    std::unique_ptr<client::VideoSource> source_;  // null while it is off
    Open open_;
    Pictures& pictures_;
    Format format_;
    // Shared with the conference, which may switch it when this is gone.
    std::shared_ptr<VideoSwitch> power_ = std::make_shared<VideoSwitch>();
};

// camera, camera:WHICH, pattern, FILE, or none (null).
Result<std::unique_ptr<client::VideoSource>> open_video(const std::string& what);

}  // namespace connectsphere::gui
