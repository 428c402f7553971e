// A stream of RTP packets out of a fuzzer's bytes, each as: sequence number, timestamp and marker (one byte
// each), a length byte, payload.
#pragma once

#include <algorithm>

#include "lib/base/bytes.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::fuzz {

template <class Visit>
void for_each_packet(Bytes bytes, Visit visit) {
    Reader r(bytes);
    while (r.left() > 4) {
        wire::RtpHeader header{.seq = r.u8(), .timestamp = r.u8()};
        header.marker = (r.u8() & 1) != 0;
        const std::size_t length = r.u8();
        visit(header, r.bytes(std::min(length, r.left())));
    }
}

}  // namespace connectsphere::fuzz
