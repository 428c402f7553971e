// The first byte chooses the size of the chunks; whatever it is, the parser must give the same frames and end
// in the same way.
#include "lib/wire/frame.hpp"

#include <algorithm>
#include <cstdlib>

using namespace connectsphere;

namespace {

// Adds the frames that are there to the trace; says whether the stream goes on.
bool drain(wire::FrameParser& parser, Buffer& trace) {
    while (true) {
        const auto frame = parser.next();
        if (!frame) {
            trace.push_back(static_cast<std::uint8_t>(frame.error().code));
            return false;
        }
        if (!frame->has_value()) return true;
        wire::append_frame(trace, (*frame)->message, (*frame)->data);
    }
}

// The same stream written to where the parser wants it.
Buffer run_in_place(Bytes stream) {
    BufferPool pool(2);
    wire::FrameParser parser(4096, &pool);
    Buffer trace;
    while (!stream.empty()) {
        const auto space = parser.space();
        const auto part = stream.first(std::min(space.size(), stream.size()));
        std::copy(part.begin(), part.end(), space.begin());
        parser.filled(part.size());
        stream = stream.subspan(part.size());
        if (!drain(parser, trace)) break;
    }
    return trace;
}

// What is left of a run: every byte that was given out, with separators, and how it ended.
Buffer run(Bytes stream, std::size_t chunk) {
    wire::FrameParser parser(4096);
    Buffer trace;
    while (!stream.empty()) {
        const std::size_t size = std::min(chunk, stream.size());
        if (!parser.append(stream.first(size))) std::abort();
        stream = stream.subspan(size);
        if (!drain(parser, trace)) break;
    }
    return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1 || size > wire::kMaxFrameChunk) return 0;
    const Bytes stream(data + 1, size - 1);
    const auto whole = run(stream, wire::kMaxFrameChunk);
    if (run(stream, data[0] + std::size_t{1}) != whole || run_in_place(stream) != whole) std::abort();
    return 0;
}
