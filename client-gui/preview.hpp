// Preview: what the join card shows of the devices that are chosen: the camera's pictures, and how loud the
// microphone is. And the meter, which a call has too.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client-gui/command.hpp"
#include "client-gui/pictures.hpp"
#include "lib/client/video_capture.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::gui {

// Rises at once and falls slowly, as meters do. From silence, 0, to full scale, 1.
class LevelMeter {
  public:
    // `decibels` below full scale. Nothing: it shows the same as before.
    std::optional<double> show(double decibels);

  private:
    double shown_ = 0, told_ = 0;
};

class DevicePreview {
  public:
    using Tell = std::function<void(Notice)>;

    DevicePreview(net::Loop& loop, Pictures& pictures, Tell tell);

    void show(const Preview& preview);  // instead of the one before; empty: none
    void stop();                        // lets go of both devices

  private:
    struct Listening {
        std::unique_ptr<client::AudioSource> source;
        Time due{};
        int frames = 0;
        double level;  // decibels below full scale: the loudest since it was shown
        LevelMeter meter{};
    };

    void show_camera(const std::string& what);
    void listen_to(const std::string& what);
    void listen();

    net::Loop& loop_;
    Pictures& pictures_;
    Tell tell_;
    std::unique_ptr<client::VideoCapture> camera_;
    std::optional<Listening> listening_;
    net::Timer timer_;
};

}  // namespace connectsphere::gui
