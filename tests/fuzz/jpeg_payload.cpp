// A stream of packets. A frame that comes out must be within the limits and be worth writing.
#include <cstdlib>

#include "lib/wire/jpeg_assembler.hpp"
#include "tests/fuzz/rtp_stream.hpp"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wire::JpegAssembler assembler;
    fuzz::for_each_packet({data, size}, [&](const wire::RtpHeader& header, Bytes payload) {
        if (!assembler.push(header, payload)) return;
        while (const auto picture = assembler.next()) {
            const wire::JpegFrame& jpeg = picture->frame;
            if (jpeg.scan.empty() || jpeg.scan.size() > wire::kMaxJpegScan || jpeg.width == 0) std::abort();
            Buffer file;
            wire::write_jpeg(jpeg, file);
        }
    });
    return 0;
}
