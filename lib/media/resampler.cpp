#include "lib/media/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <memory>

namespace connectsphere::media {
namespace {

constexpr int kQuality = 5;
constexpr std::size_t kChunk = 1 << 16;  // samples per call

struct Destroy {
    void operator()(SpeexResamplerState* state) const { speex_resampler_destroy(state); }
};

}  // namespace

Result<std::vector<std::int16_t>> resample(std::span<const std::int16_t> samples, int from_rate,
                                           int to_rate) {
    if (from_rate == to_rate) return std::vector(samples.begin(), samples.end());
    int error = RESAMPLER_ERR_SUCCESS;
    const std::unique_ptr<SpeexResamplerState, Destroy> state(speex_resampler_init(
        1, static_cast<spx_uint32_t>(from_rate), static_cast<spx_uint32_t>(to_rate), kQuality, &error));
    if (!state) return Error{Errc::unsupported, "sample rate"};
    speex_resampler_skip_zeros(state.get());  // the filter's delay is not part of the recording

    const auto ratio = static_cast<double>(to_rate) / from_rate;
    std::vector<std::int16_t> out(static_cast<std::size_t>(static_cast<double>(samples.size()) * ratio));
    std::size_t written = 0;
    const auto feed = [&](std::span<const std::int16_t> in) {
        while (!in.empty() && written < out.size()) {
            auto in_count = static_cast<spx_uint32_t>(std::min(in.size(), kChunk));
            auto out_count = static_cast<spx_uint32_t>(std::min(out.size() - written, kChunk));
            speex_resampler_process_int(state.get(), 0, in.data(), &in_count, &out[written], &out_count);
            in = in.subspan(in_count);
            written += out_count;
        }
    };
    feed(samples);
    // What the filter still holds comes out behind as many zeros.
    feed(std::vector<std::int16_t>(static_cast<std::size_t>(speex_resampler_get_input_latency(state.get()))));
    out.resize(written);
    return out;
}

}  // namespace connectsphere::media
