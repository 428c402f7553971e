// Files and a tone as microphone and loudspeaker.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "lib/client/devices.hpp"
#include "lib/media/wav.hpp"

namespace connectsphere::client {

namespace {

class FileSource : public AudioSource {
  public:
    explicit FileSource(std::vector<std::int16_t> samples) : samples_(std::move(samples)) {}

    bool read(media::AudioFrame& out) override {
        if (next_ >= samples_.size()) return false;
        const auto count = std::min(out.size(), samples_.size() - next_);
        const auto first = samples_.begin() + static_cast<std::ptrdiff_t>(next_);
        const auto end = std::copy_n(first, count, out.begin());
        std::fill(end, out.end(), std::int16_t{0});
        next_ += count;
        return true;
    }

  private:
    std::vector<std::int16_t> samples_;
    std::size_t next_ = 0;
};

class Tone : public AudioSource {
  public:
    explicit Tone(double hertz) : step_(2 * std::numbers::pi * hertz / media::kSampleRate) {}

    bool read(media::AudioFrame& out) override {
        for (auto& sample : out) {
            sample = static_cast<std::int16_t>(8'000 * std::sin(phase_));
            phase_ = std::fmod(phase_ + step_, 2 * std::numbers::pi);
        }
        return true;
    }

  private:
    double step_;
    double phase_ = 0;
};

class Recording : public AudioSink {
  public:
    explicit Recording(media::WavWriter writer) : writer_(std::move(writer)) {}

    void write(const media::AudioFrame& frame) override { (void)writer_.write(frame); }

  private:
    media::WavWriter writer_;
};

}  // namespace

Result<std::unique_ptr<AudioSource>> open_audio_file(const std::string& path) {
    auto samples = media::load_wav(path);
    if (!samples) return samples.error();
    return std::unique_ptr<AudioSource>(std::make_unique<FileSource>(std::move(*samples)));
}

std::unique_ptr<AudioSource> make_tone(double hertz) { return std::make_unique<Tone>(hertz); }

Result<std::unique_ptr<AudioSink>> open_audio_recording(const std::string& path) {
    auto writer = media::WavWriter::create(path);
    if (!writer) return writer.error();
    return std::unique_ptr<AudioSink>(std::make_unique<Recording>(std::move(*writer)));
}

}  // namespace connectsphere::client
