// The recorded voices of tests/data, by frames.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/media/wav.hpp"

namespace connectsphere::media {

inline std::vector<std::int16_t> load_voice(const std::string& name) {
    auto audio = load_wav(std::string(CS_TEST_DATA) + "/voice_" + name + ".wav");
    if (!audio) throw std::runtime_error(audio.error().text());
    return *std::move(audio);
}

// Frame `n` of a recording; silence behind its end.
inline AudioFrame frame_of(const std::vector<std::int16_t>& samples, std::size_t n) {
    AudioFrame frame{};
    const std::size_t begin = std::min(n * kFrame, samples.size());
    const std::size_t end = std::min(begin + kFrame, samples.size());
    std::copy(samples.begin() + static_cast<std::ptrdiff_t>(begin),
              samples.begin() + static_cast<std::ptrdiff_t>(end), frame.begin());
    return frame;
}

}  // namespace connectsphere::media
