// Where a client's sound comes from and goes to, and where its pictures come from. Files and generators are
// here and in the files named after them; real devices implement the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/base/result.hpp"
#include "lib/base/time.hpp"
#include "lib/media/image.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::client {

class AudioSource {
  public:
    virtual ~AudioSource() = default;
    // The next 20 ms. False: there is nothing (more) to send.
    virtual bool read(media::AudioFrame& out) = 0;
    // How old what read() gives is already; of a device, as the sound server tells.
    virtual Duration latency() const { return {}; }
};

class AudioSink {
  public:
    virtual ~AudioSink() = default;
    virtual void write(const media::AudioFrame& frame) = 0;
    virtual Duration latency() const { return {}; }  // until what is written is heard
};

// Read on a thread of its own: a camera or a disk may block.
class VideoSource {
  public:
    struct Format {
        int width = 0;  // pixels; multiples of 8, at most 2,040 (RFC 2435)
        int height = 0;
        double frame_rate = 0;  // frames a second
    };

    virtual ~VideoSource() = default;
    // The next picture; an error ends the stream.
    virtual Result<void> read(media::Image& out) = 0;
    // On another thread: a read() that waits for long returns now, with an error.
    virtual void stop() {}
    virtual Format format() const = 0;
};

Result<std::unique_ptr<AudioSource>> open_audio_file(const std::string& path);  // WAV; silence after its end
std::unique_ptr<AudioSource> make_tone(double hertz);
Result<std::unique_ptr<AudioSink>> open_audio_recording(const std::string& path);  // WAV, 48 kHz mono

// A moving pattern that carries `tag` and the frame's number (lib/media/pattern).
std::unique_ptr<VideoSource> make_pattern(std::uint16_t tag, const VideoSource::Format& format);
// Anything that FFmpeg reads; begins again at its end. Zeros in `wanted` are filled from the file.
Result<std::unique_ptr<VideoSource>> open_video_file(const std::string& path,
                                                     const VideoSource::Format& wanted);

// A camera by number, by a part of its name, or the first one (empty). Zeros in `wanted` are the camera's
// choice.
Result<std::unique_ptr<VideoSource>> open_camera(const std::string& which, const VideoSource::Format& wanted);

}  // namespace connectsphere::client
