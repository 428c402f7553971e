// What stock tools need to take part on a media plane: SDP (RFC 8866) with the key as RFC 4568 writes it, and
// command lines. Pure: values in, text out.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/id.hpp"
#include "proto/media.pb.h"

namespace connectsphere::cli {

enum class OfferFormat { opus, jpeg, vp8, h264 };

struct Offer {
    OfferFormat format = OfferFormat::opus;
    std::string room;
    std::string server;      // numeric address
    std::string receive_ip;  // where the tool receives
    std::uint16_t receive_port = 0;
    Ssrc send{};
    Ssrc receive{};      // the mix of everybody else, or one participant's picture; zero: nothing yet
    std::string from{};  // whose picture
    proto::MediaKeys keys;
};

bool is_video(const Offer& offer);
// "AES_CM_128_HMAC_SHA1_80": the crypto suite's name in SDP and in ffmpeg.
std::string suite_name(proto::SrtpProfile profile);
// Key and salt as `inline:` has them.
std::string inline_key(const proto::MasterKey& key);
// The stream that the server sends: the mix of everybody else, or one picture.
std::string receive_sdp(const Offer& offer);
// The stream that a participant sends: its voice, or its picture.
std::string send_sdp(const Offer& offer);
// Each sends FILE; ffmpeg knows only AES_CM: empty otherwise.
std::string ffmpeg_send_command(const Offer& offer);
std::string gstreamer_send_command(const Offer& offer);
std::string gstreamer_receive_command(const Offer& offer);

}  // namespace connectsphere::cli
