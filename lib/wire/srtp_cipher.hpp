// What a protection profile must provide; srtp.cpp does what all of them share: indices, replay, SSRCs. The
// packets that come here are whole: header within packet, room for the overhead.
#pragma once

#include <memory>

#include "lib/wire/srtp.hpp"

namespace connectsphere::wire {

// RFC 3711 section 3.3.1: the sequence number with the rollover counter above it, 48 bits.
using SrtpIndex = std::uint64_t;

constexpr std::size_t kRtcpFixedHeaderSize = 8;          // of the first RTCP packet, left readable
constexpr std::uint32_t kSrtcpEncrypted = 0x8000'0000U;  // the E bit, above the 31 bits of the SRTCP index

// Where a profile puts what it adds.
struct SrtpLayout {
    std::size_t rtp_overhead;
    std::size_t rtcp_overhead;
    std::size_t rtcp_index_from_end;  // of the protected packet
};

class SrtpSealer {
  public:
    virtual ~SrtpSealer() = default;
    virtual const SrtpLayout& layout() const = 0;
    virtual Result<std::size_t> seal_rtp(Bytes packet, std::size_t header_size, SrtpIndex index,
                                         MutableBytes out) = 0;
    virtual Result<std::size_t> seal_rtcp(Bytes packet, std::uint32_t index, MutableBytes out) = 0;
};

class SrtpOpener {
  public:
    virtual ~SrtpOpener() = default;
    virtual const SrtpLayout& layout() const = 0;
    virtual Result<std::size_t> open_rtp(MutableBytes packet, std::size_t header_size, SrtpIndex index) = 0;
    virtual Result<std::size_t> open_rtcp(MutableBytes packet, std::uint32_t index) = 0;
};

// Null where the library gives no context.
std::unique_ptr<SrtpSealer> make_gcm_sealer(const SrtpKey& key);  // srtp_gcm.cpp
std::unique_ptr<SrtpOpener> make_gcm_opener(const SrtpKey& key);
std::unique_ptr<SrtpSealer> make_cm_sealer(const SrtpKey& key);  // srtp_cm.cpp
std::unique_ptr<SrtpOpener> make_cm_opener(const SrtpKey& key);

}  // namespace connectsphere::wire
