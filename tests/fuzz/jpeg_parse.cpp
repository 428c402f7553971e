// A file that parses can be written again, and parses to the same.
#include <algorithm>
#include <cstdlib>

#include "lib/wire/jpeg.hpp"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto frame = wire::parse_jpeg({data, size});
    if (!frame) return 0;
    Buffer again;
    wire::write_jpeg(*frame, again);
    const auto reparsed = wire::parse_jpeg(again);
    if (!reparsed || reparsed->width != frame->width || !(reparsed->tables == frame->tables)) std::abort();
    if (!std::equal(frame->scan.begin(), frame->scan.end(), reparsed->scan.begin(), reparsed->scan.end())) {
        std::abort();
    }
    return 0;
}
