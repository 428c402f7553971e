// A packet that parses keeps its views inside itself, and a header that we write parses back to the same.
#include "lib/wire/rtp.hpp"

#include <cstdlib>

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes packet(data, size);
    (void)wire::is_rtcp(packet);
    const auto view = wire::parse_rtp(packet);
    if (!view) return 0;
    if (view->header_size + view->payload.size() > size) std::abort();

    Buffer again(wire::kMaxRtpHeaderSize);
    again.resize(wire::write_rtp_header(again, view->header));
    const auto reparsed = wire::parse_rtp(again);
    if (!reparsed || !(reparsed->header == view->header)) std::abort();
    return 0;
}
