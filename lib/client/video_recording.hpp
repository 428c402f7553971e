// VideoRecording: one received stream in a Matroska file, as it was coded, without decoding it. A file has
// one codec; who switches begins another file.
#pragma once

#include <memory>
#include <string>

#include "lib/base/result.hpp"
#include "lib/base/seq.hpp"
#include "lib/client/video_decoder.hpp"

namespace connectsphere::client {

class VideoRecording {
  public:
    // Begins with a key frame. `width` and `height` are what the sender published; a frame that tells its own
    // size overrules them.
    static Result<VideoRecording> open(const std::string& path, const ReceivedVideo& first, int width,
                                       int height);
    ~VideoRecording();  // finishes the file; one that was cut off by a crash can be played all the same
    VideoRecording(VideoRecording&&) noexcept;
    VideoRecording& operator=(VideoRecording&&) noexcept;

    proto::Codec codec() const;
    Result<void> write(const ReceivedVideo& frame);

  private:
    struct State;
    explicit VideoRecording(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace connectsphere::client
