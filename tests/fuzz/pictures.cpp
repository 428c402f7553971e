// A stream of packets, taken as VP8 and as H.264. Frames come out with bytes, the first as a key frame.
#include <cstdlib>

#include "lib/wire/picture_assembler.hpp"
#include "tests/fuzz/rtp_stream.hpp"

using namespace connectsphere;

namespace {

template <class Assembler>
void run(Bytes bytes) {
    Assembler assembler;
    bool is_first = true;
    fuzz::for_each_packet(bytes, [&](const wire::RtpHeader& header, Bytes payload) {
        if (!assembler.push(header, payload)) return;
        while (const auto picture = assembler.next()) {
            if (picture->bytes.empty() || picture->bytes.size() > wire::kMaxPicture) std::abort();
            if (is_first && !picture->is_key_frame) std::abort();
            is_first = false;
        }
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run<wire::Vp8Assembler>({data, size});
    run<wire::H264Assembler>({data, size});
    return 0;
}
