// DeviceFinder: what cameras, microphones and loudspeakers there are, looked for on a thread of its own: the
// sound server may be slow to answer.
#pragma once

#include <functional>
#include <thread>

#include "client-gui/command.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::gui {

class DeviceFinder {
  public:
    // `tell` runs on the loop.
    DeviceFinder(net::Loop& loop, std::function<void(DevicesFound)> tell);
    ~DeviceFinder();  // the loop may have stopped, but not gone

    void find();  // on the loop; while one search runs, another is not begun

  private:
    net::Loop& loop_;
    std::function<void(DevicesFound)> tell_;
    bool is_finding_ = false;
    std::thread thread_;
};

}  // namespace connectsphere::gui
