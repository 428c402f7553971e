#include "lib/media/wav.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto audio = connectsphere::media::parse_wav({data, size});
    if (audio && audio->samples.size() > size / 2) __builtin_trap();  // no more samples than bytes for them
    return 0;
}
