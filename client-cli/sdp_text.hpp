// What stock tools need to take part on the audio plane: SDP (RFC 8866) with the key as RFC 4568 writes it,
// and command lines. Pure: values in, text out.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/id.hpp"
#include "proto/media.pb.h"

namespace connectsphere::cli {

struct AudioOffer {
    std::string room;
    std::string server;      // numeric address
    std::string receive_ip;  // where the mix is received
    std::uint16_t receive_port = 0;
    Ssrc voice;
    Ssrc mix;
    proto::MediaKeys keys;
};

// "AES_CM_128_HMAC_SHA1_80": the crypto suite's name in SDP and in ffmpeg.
std::string suite_name(proto::SrtpProfile profile);
// Key and salt as `inline:` has them.
std::string inline_key(const proto::MasterKey& key);
// The stream that the server sends: the mix of everybody else.
std::string receive_sdp(const AudioOffer& offer);
// The stream that a participant sends: its voice.
std::string send_sdp(const AudioOffer& offer);
// Each sends FILE as the voice; ffmpeg knows only AES_CM: empty otherwise.
std::string ffmpeg_send_command(const AudioOffer& offer);
std::string gstreamer_send_command(const AudioOffer& offer);
std::string gstreamer_receive_command(const AudioOffer& offer);

}  // namespace connectsphere::cli
