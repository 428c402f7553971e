// OwnVideo: a camera (or what stands for one) that can be switched off and changed for another, whose
// pictures also go to the own window. While it is off the device is closed, so that its light is out. All its
// pictures have the size with which it began, whatever device they come from: that is what was published.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "client-gui/pictures.hpp"
#include "lib/client/devices.hpp"

namespace connectsphere::gui {

// Shared by the capture's thread and who switches it.
class VideoSwitch {
  public:
    struct Wish {
        bool is_on = true;
        std::string what{};        // as open_video takes it
        std::uint64_t number = 0;  // of the choice: counts up
        bool is_closed = false;
    };

    explicit VideoSwitch(std::string what) { wish_.what = std::move(what); }

    void set(bool is_on);
    void choose(std::string what);
    void close();  // for good
    Wish wish() const;
    // Until another device is chosen, or it is switched on; false: closed.
    bool wait_for_choice(std::uint64_t number);
    bool wait_until_on();

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Wish wish_;
};

class OwnVideo : public client::VideoSource {
  public:
    using Open = std::function<Result<std::unique_ptr<client::VideoSource>>(const std::string& what)>;
    using OnFault = std::function<void(const Error&)>;  // on the capture's thread

    // `source` is what is open already; null: nothing yet.
    OwnVideo(std::unique_ptr<client::VideoSource> source, std::string what, Format format, Open open,
             Pictures& pictures, OnFault on_fault);

    const std::shared_ptr<VideoSwitch>& power() const { return power_; }

    Result<void> read(media::Image& out) override;
    void stop() override { power_->close(); }
    Format format() const override { return format_; }

  private:
    bool prepare();  // a device that is to be read; false: over
    void put_away();

    std::unique_ptr<client::VideoSource> source_;  // null while it is off
    std::uint64_t number_ = 0;                     // of the choice that it is
    Format format_;
    Open open_;
    Pictures& pictures_;
    OnFault on_fault_;
    // Shared with the conference, which may switch it when this is gone.
    std::shared_ptr<VideoSwitch> power_;
};

// camera, camera:WHICH, pattern, FILE, or none (null).
Result<std::unique_ptr<client::VideoSource>> open_video(const std::string& what);

}  // namespace connectsphere::gui
