// The first byte chooses the size of the chunks; whatever it is, the parser must give the same frames and end
// in the same way.
#include "lib/wire/frame.hpp"

#include <algorithm>
#include <cstdlib>

using namespace connectsphere;

namespace {

// What is left of a run: every byte that was given out, with separators, and how it ended.
Buffer run(Bytes stream, std::size_t chunk) {
    wire::FrameParser parser(4096);
    Buffer trace;
    while (!stream.empty()) {
        const std::size_t size = std::min(chunk, stream.size());
        if (!parser.append(stream.first(size))) std::abort();
        stream = stream.subspan(size);
        while (true) {
            const auto frame = parser.next();
            if (!frame) {
                trace.push_back(static_cast<std::uint8_t>(frame.error().code));
                return trace;
            }
            if (!frame->has_value()) break;
            wire::append_frame(trace, (*frame)->message, (*frame)->data);
        }
    }
    return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > wire::kMaxFrameChunk) return 0;
    const Bytes stream(data + 1, size - 1);
    if (run(stream, data[0] + std::size_t{1}) != run(stream, wire::kMaxFrameChunk)) std::abort();
    return 0;
}
