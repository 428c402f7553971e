#include "lib/media/voice_processing.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "lib/media/wav.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

double energy(std::span<const std::int16_t> samples) {
    double sum = 1;
    for (const double sample : samples) sum += sample * sample;
    return sum;
}

// What is left of a recorded echo (far end only) after the first 3 s: echo return loss enhancement in dB.
double erle(const VoiceProcessing::Options& options) {
    const auto far = *load_wav(CS_TEST_DATA "/echo_farend.wav");
    const auto mic = *load_wav(CS_TEST_DATA "/echo_mic.wav");
    VoiceProcessing processing(options);
    double before = 1, after = 1;
    for (std::size_t at = 0; at + kFrame <= std::min(far.size(), mic.size()); at += kFrame) {
        AudioFrame played, heard;
        std::copy_n(far.begin() + static_cast<std::ptrdiff_t>(at), kFrame, played.begin());
        std::copy_n(mic.begin() + static_cast<std::ptrdiff_t>(at), kFrame, heard.begin());
        if (at > 3 * kSampleRate) before += energy(heard);
        processing.far_end(played);
        processing.near_end(heard);
        if (at > 3 * kSampleRate) after += energy(heard);
    }
    return 10 * std::log10(before / after);
}

}  // namespace

TEST_CASE("a recorded echo is taken out by at least 15 dB") {
    const double enhancement =
        erle({.echo_cancellation = true, .noise_suppression = false, .gain_control = false});
    CAPTURE(enhancement);
    CHECK(enhancement > 15);
}

TEST_CASE("each part can be switched off") {
    const double off = erle({.echo_cancellation = false, .noise_suppression = false, .gain_control = false});
    CAPTURE(off);
    CHECK(std::abs(off) < 1);
}
