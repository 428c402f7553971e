// VideoCapture: a thread that reads a VideoSource at its frame rate, encodes each picture as somebody needs
// it, and posts it to the loop. At most two pictures are on their way to the loop; while it is busy, newer
// ones are dropped and counted. A source that fails (a camera that is unplugged) ends it, and says so.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>

#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"
#include "lib/client/devices.hpp"
#include "lib/client/video_encoders.hpp"

namespace connectsphere::net {
class Loop;
}

namespace connectsphere::client {

class VideoCapture {
  public:
    struct Handlers {  // called on the loop's thread
        std::function<void(std::span<const EncodedVideo>, Time captured_at)> on_picture;
        std::function<void(const Error&)> on_end = nullptr;  // the last call
    };

    VideoCapture(net::Loop& loop, std::unique_ptr<VideoSource> source, VideoEncoders encoders,
                 Handlers handlers);
    ~VideoCapture();  // stops the thread; no handler is called again

    // What somebody needs, from the next picture on; at first nothing.
    void set_wanted(EncodingMask wanted);
    void want_key_frames(EncodingMask encodings);

    std::uint64_t dropped() const;

  private:
    struct Shared;
    static void run(net::Loop& loop, VideoSource& source, VideoEncoders& encoders,
                    const std::shared_ptr<Shared>& shared);

    // Shared by the capture, its thread and what that has posted: a posted picture may come after the capture
    // has gone.
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<VideoSource> source_;
    VideoEncoders encoders_;  // the thread's
    std::thread thread_;
};

}  // namespace connectsphere::client
