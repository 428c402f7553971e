// The test pattern as a camera.
#include "lib/client/devices.hpp"
#include "lib/media/pattern.hpp"

namespace connectsphere::client {

namespace {

class PatternSource : public VideoSource {
  public:
    PatternSource(std::uint16_t tag, const Format& format) : mark_{.tag = tag, .frame = 0}, format_(format) {}

    Result<void> read(media::Image& out) override {
        out = media::test_pattern(mark_, format_.width, format_.height);
        ++mark_.frame;
        return {};
    }
    Format format() const override { return format_; }

  private:
    media::PatternMark mark_;
    Format format_;
};

}  // namespace

std::unique_ptr<VideoSource> make_pattern(std::uint16_t tag, const VideoSource::Format& format) {
    return std::make_unique<PatternSource>(tag, format);
}

}  // namespace connectsphere::client
