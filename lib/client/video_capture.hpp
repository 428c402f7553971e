// VideoCapture: a thread that reads a VideoSource at its frame rate, encodes each picture as JPEG, and posts
// it to the loop. At most two pictures are on their way to the loop; while it is busy, newer ones are dropped
// and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"
#include "lib/client/devices.hpp"

namespace connectsphere::net {
class Loop;
}

namespace connectsphere::client {

class VideoCapture {
  public:
    using OnPicture = std::function<void(Bytes jpeg, Time captured_at)>;  // on the loop's thread

    VideoCapture(net::Loop& loop, std::unique_ptr<VideoSource> source, int jpeg_quality,
                 OnPicture on_picture);
    ~VideoCapture();  // stops the thread; on_picture is not called again

    std::uint64_t dropped() const;

  private:
    struct Shared;
    static void run(net::Loop& loop, VideoSource& source, int jpeg_quality,
                    const std::shared_ptr<Shared>& shared);

    // Shared by the capture, its thread and what that has posted: a posted picture may come after the capture
    // has gone.
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<VideoSource> source_;
    std::thread thread_;
};

}  // namespace connectsphere::client
