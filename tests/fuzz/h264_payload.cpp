// An H.264 payload, and the same bytes as a byte stream whose units are cut into packets and must parse.
#include <cstdlib>

#include "lib/wire/h264_payload.hpp"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = wire::parse_h264_payload({data, size});
    if (parsed) (void)wire::starts_h264_key_frame(*parsed);
    std::vector<Bytes> units;
    wire::split_h264({data, size}, units);
    // Units of the types that RTP uses for itself are no NAL units.
    std::erase_if(units, [](Bytes unit) {
        const auto type = wire::h264_unit_type(unit[0]);
        return type == 0 || type > 23;
    });
    const wire::H264Packetizer packets(units, 20);
    for (std::size_t i = 0; i < packets.count(); ++i) {
        Buffer payload(20);
        payload.resize(packets.write(i, payload));
        if (!wire::parse_h264_payload(payload)) std::abort();
    }
    return 0;
}
