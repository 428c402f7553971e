// What one participant gets: the packets of a mix under its own SSRC and sequence numbers, protected with its
// own key. The sequence outlives a change of stream, so for the receiver there is only ever one.
#pragma once

#include <cstdint>

#include "lib/base/datagram.hpp"
#include "services/audio-mixer/counters.hpp"
#include "services/common/media_plane.hpp"

namespace connectsphere::mixer {

class MixSender {
  public:
    // A new key: the sequence starts anew, below 2^15, so that both ends agree on the first SRTP index
    // (RFC 3711 section 3.3.1).
    void restart(std::uint16_t random) {
        seq_ = random & 0x7FFF;
        started_ = false;
    }
    void set_ssrc(Ssrc ssrc) { ssrc_ = ssrc; }
    Ssrc ssrc() const { return ssrc_; }

    // Once a tick; an empty payload is a pause. The first packet after one has the marker (RFC 3551).
    void send(MediaSession& to, Bytes payload, std::uint32_t timestamp, DatagramBatch& out,
              Counters& counters);

    std::uint64_t packets() const { return packets_; }
    std::uint64_t payload_bytes() const { return payload_bytes_; }
    std::uint32_t timestamp() const { return timestamp_; }  // of the last packet

  private:
    Ssrc ssrc_;
    std::uint16_t seq_ = 0;
    std::uint32_t timestamp_ = 0;
    bool started_ = false;
    std::uint64_t packets_ = 0;
    std::uint64_t payload_bytes_ = 0;
};

}  // namespace connectsphere::mixer
