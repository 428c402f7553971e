// A VP8 payload. What parses can be renumbered, and parses again with its new numbers.
#include <cstdlib>

#include "lib/wire/vp8_payload.hpp"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Buffer payload(data, data + size);
    const auto parsed = wire::parse_vp8_payload(payload);
    if (!parsed) return 0;
    if (parsed->data.empty()) std::abort();
    (void)parsed->starts_key_frame();
    wire::set_vp8_numbers(payload, *parsed, 0x1234, 0x56);
    const auto again = wire::parse_vp8_payload(payload);
    if (!again || again->data.size() != parsed->data.size()) std::abort();
    if (again->descriptor.tl0_index && *again->descriptor.tl0_index != 0x56) std::abort();
    return 0;
}
