// A stream of packets, each as: sequence number, timestamp and marker (one byte each), a length byte,
// payload. A frame that comes out must be within the limits and be worth writing.
#include <algorithm>
#include <cstdlib>

#include "lib/wire/jpeg_assembler.hpp"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader r({data, size});
    wire::JpegAssembler assembler;
    while (r.left() > 4) {
        wire::RtpHeader header{.seq = r.u8(), .timestamp = r.u8()};
        header.marker = (r.u8() & 1) != 0;
        const std::size_t length = r.u8();
        if (!assembler.push(header, r.bytes(std::min(length, r.left())))) continue;
        while (const auto picture = assembler.next()) {
            const wire::JpegFrame& jpeg = picture->frame;
            if (jpeg.scan.empty() || jpeg.scan.size() > wire::kMaxJpegScan || jpeg.width == 0) std::abort();
            Buffer file;
            wire::write_jpeg(jpeg, file);
        }
    }
    return 0;
}
