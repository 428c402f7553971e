// A stream of packets, each as: sequence number, timestamp and marker (one byte each), a length byte,
// payload; taken as VP8 and as H.264. Frames come out with bytes, the first as a key frame.
#include <algorithm>
#include <cstdlib>

#include "lib/wire/picture_assembler.hpp"

using namespace connectsphere;

namespace {

template <class Assembler>
void run(Bytes bytes) {
    Reader r(bytes);
    Assembler assembler;
    bool is_first = true;
    while (r.left() > 4) {
        wire::RtpHeader header{.seq = r.u8(), .timestamp = r.u8()};
        header.marker = (r.u8() & 1) != 0;
        const std::size_t length = r.u8();
        if (!assembler.push(header, r.bytes(std::min(length, r.left())))) continue;
        while (const auto picture = assembler.next()) {
            if (picture->bytes.empty() || picture->bytes.size() > wire::kMaxPicture) std::abort();
            if (is_first && !picture->is_key_frame) std::abort();
            is_first = false;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run<wire::Vp8Assembler>({data, size});
    run<wire::H264Assembler>({data, size});
    return 0;
}
