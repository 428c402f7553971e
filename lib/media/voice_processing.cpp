#include "lib/media/voice_processing.hpp"

#include <webrtc/modules/audio_processing/include/audio_processing.h>
#include <webrtc/modules/interface/module_common_types.h>

#include <algorithm>

namespace connectsphere::media {
namespace {

constexpr std::size_t kBlock = kFrame / 2;  // 10 ms, as the library wants it

void fill(webrtc::AudioFrame& block, const std::int16_t* samples) {
    block.UpdateFrame(0, 0, samples, kBlock, kSampleRate, webrtc::AudioFrame::kNormalSpeech,
                      webrtc::AudioFrame::kVadUnknown);
}

}  // namespace

struct VoiceProcessing::Impl {
    std::unique_ptr<webrtc::AudioProcessing> processing;
    webrtc::AudioFrame block;  // scratch
    int delay_ms = 60;
};

VoiceProcessing::VoiceProcessing(const Options& options) : impl_(std::make_unique<Impl>()) {
    webrtc::Config config;
    config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));  // Config owns it
    config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    impl_->processing.reset(webrtc::AudioProcessing::Create(config));
    auto& processing = *impl_->processing;
    processing.high_pass_filter()->Enable(options.any());
    // Moderate: a stronger suppressor eats the voice of who talks while the other does.
    processing.echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kModerateSuppression);
    processing.echo_cancellation()->Enable(options.echo_cancellation);
    processing.noise_suppression()->set_level(webrtc::NoiseSuppression::kModerate);
    processing.noise_suppression()->Enable(options.noise_suppression);
    processing.gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
    processing.gain_control()->Enable(options.gain_control);
}

VoiceProcessing::~VoiceProcessing() = default;
VoiceProcessing::VoiceProcessing(VoiceProcessing&&) noexcept = default;
VoiceProcessing& VoiceProcessing::operator=(VoiceProcessing&&) noexcept = default;

void VoiceProcessing::far_end(const AudioFrame& played) {
    for (std::size_t at = 0; at < kFrame; at += kBlock) {
        fill(impl_->block, &played[at]);
        impl_->processing->ProcessReverseStream(&impl_->block);
    }
}

void VoiceProcessing::near_end(AudioFrame& frame) {
    for (std::size_t at = 0; at < kFrame; at += kBlock) {
        auto& block = impl_->block;
        fill(block, &frame[at]);
        impl_->processing->set_stream_delay_ms(impl_->delay_ms);
        if (impl_->processing->ProcessStream(&block) != 0) continue;  // then the block stays as it is
        std::copy_n(block.data_, kBlock, frame.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

void VoiceProcessing::set_delay(Duration delay) {
    impl_->delay_ms = static_cast<int>(std::clamp<std::int64_t>(milliseconds(delay), 0, 500));
}

}  // namespace connectsphere::media
