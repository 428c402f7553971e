// connectsphere sdp: holds a place in a room for a stock tool (ffmpeg, GStreamer), and prints what it needs
// to take part. No media is sent or received here: two senders under one key would give both away.
#pragma once

#include "client-cli/options.hpp"

namespace connectsphere::cli {

struct SdpOptions {
    GlobalOptions global;
    bool video = false;  // the video plane; else the audio plane
    std::uint16_t receive_at =
        0;  // our port for what the others send; 0: nothing, or the tool's source address
    client::VideoCodecChoice video_codec = client::VideoCodecChoice::jpeg;  // of what is sent and received
    std::string of;  // whose picture to receive; empty: somebody's
    proto::SrtpProfile srtp_profile = proto::AES_CM_128_HMAC_SHA1_80;
    std::optional<Duration> stay;  // --for
};

int sdp(const SdpOptions& options);

}  // namespace connectsphere::cli
