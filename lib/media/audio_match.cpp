#include "lib/media/audio_match.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "lib/media/delay_control.hpp"
#include "lib/media/fft.hpp"

namespace connectsphere::media {
namespace {

constexpr std::size_t kDecimation = 6;                      // to 8 kHz: what every codec keeps
constexpr std::size_t kSecond = kSampleRate / kDecimation;  // one segment
constexpr float kPreEmphasis = 0.9F;  // flattens the spectrum of speech, so that pitch alone does not match
constexpr double kNoise = 0.01;       // of the mean energy: not brought up any further
constexpr double kPause = 0.1;        // of the mean energy: a quieter second of the voice is a pause

using Signal = std::vector<float>;

// Brings every moment to the same loudness, so that a soft voice counts in the pauses of a loud one.
void level_out(Signal& signal) {
    constexpr std::size_t kReach = kSecond * 16 / 1'000;  // to either side
    std::vector<double> sums(signal.size() + 1);          // of the energy before each sample
    for (std::size_t i = 0; i < signal.size(); ++i) sums[i + 1] = sums[i] + double{signal[i]} * signal[i];
    const double floor = kNoise * sums.back() / std::max(1.0, static_cast<double>(signal.size()));
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const std::size_t begin = i < kReach ? 0 : i - kReach;
        const std::size_t end = std::min(i + kReach, signal.size());
        const double local = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
        signal[i] /= static_cast<float>(std::sqrt(local + floor) + 1);
    }
}

// Two running means are filter enough before decimation: what folds back is 25 dB down and does not
// correlate.
Signal prepare(std::span<const std::int16_t> samples) {
    Signal out(samples.size() / kDecimation);
    float before = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        float mean = 0;
        for (std::size_t k = 0; k < 2 * kDecimation - 1; ++k) {
            const std::size_t at = i * kDecimation + k;
            const auto weight = static_cast<float>(std::min(k + 1, 2 * kDecimation - 1 - k));
            if (at < samples.size()) mean += weight * static_cast<float>(samples[at]);
        }
        mean /= float{kDecimation * kDecimation};
        out[i] = mean - kPreEmphasis * before;
        before = mean;
    }
    level_out(out);
    return out;
}

double energy(std::span<const float> signal) {
    double sum = 0;
    for (const float s : signal) sum += double{s} * s;
    return sum;
}

Spectrum transform(std::span<const float> signal, std::size_t size) {
    Spectrum out(size);
    std::copy(signal.begin(), signal.end(), out.begin());
    fft(out);
    return out;
}

struct Peak {
    double score = 0;
    std::size_t lag = 0;
};

// The lag at which `segment` is most like what is in `window`: 1 there if it is the same but for its volume.
Peak best_correlation(std::span<const float> window, std::span<const float> segment) {
    const std::size_t size = std::bit_ceil(window.size() + segment.size());
    Spectrum product = transform(window, size);
    const Spectrum other = transform(segment, size);
    for (std::size_t i = 0; i < size; ++i) product[i] *= std::conj(other[i]);
    fft(product, FftDirection::inverse);

    const double segment_energy = energy(segment);
    double window_energy = energy(window.first(segment.size()));
    Peak best;
    for (std::size_t lag = 0; lag + segment.size() <= window.size(); ++lag) {
        // A floor, as levelled sound has an energy of 1 per sample: in silence nothing correlates.
        const double floor = 0.01 * static_cast<double>(segment.size());
        const double norm = std::sqrt(segment_energy * (window_energy + floor));
        const double score = double{product[lag].real()} / norm;
        if (score > best.score) best = {score, lag};
        if (lag + segment.size() == window.size()) break;
        const double leaving = window[lag];
        const double coming = window[lag + segment.size()];
        window_energy = std::max(0.0, window_energy + coming * coming - leaving * leaving);
    }
    return best;
}

template <class T>
T median(std::vector<T> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

VoiceMatch match_voice(std::span<const std::int16_t> recording, std::span<const std::int16_t> voice,
                       Duration max_offset) {
    const Signal heard = prepare(recording);
    const Signal said = prepare(voice);
    const double pause = kPause * energy(said) / std::max(1.0, static_cast<double>(said.size())) * kSecond;
    const auto search = static_cast<std::size_t>(seconds(max_offset) * kSecond);
    std::vector<double> scores;
    std::vector<std::size_t> lags;
    for (std::size_t at = 0; at + kSecond <= std::min(said.size(), heard.size()); at += kSecond) {
        const auto segment = std::span(said).subspan(at, kSecond);
        if (energy(segment) <= pause) continue;
        const auto window = std::span(heard).subspan(at, std::min(kSecond + search, heard.size() - at));
        const Peak peak = best_correlation(window, segment);
        scores.push_back(peak.score);
        lags.push_back(peak.lag);
    }
    if (scores.empty()) return {};
    return {.score = std::min(1.0, median(scores)),
            .offset = samples_to_duration(static_cast<std::int64_t>(median(lags) * kDecimation))};
}

}  // namespace connectsphere::media
