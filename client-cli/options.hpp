// What the command line said, as values.
#pragma once

#include <optional>
#include <string>

#include "lib/base/time.hpp"
#include "lib/media/voice_processing.hpp"
#include "proto/media.pb.h"

namespace connectsphere::cli {

// Exit codes, part of the interface (docs/cli.md).
enum ExitCode {
    kOk = 0,
    kFailed = 1,
    kUsage = 2,
    kCanNotConnect = 3,
    kRefused = 4,
    kCertificateChanged = 5,
    kNotFound = 6,
    kTimedOut = 7,
    kIncomplete = 8,
    kInterrupted = 130,
};

struct GlobalOptions {
    std::string server = "localhost";  // HOST[:PORT]
    std::string room = "lobby";
    std::string name;  // default: the login name
    std::string password;
    std::string fingerprint;  // expected, instead of the remembered one
    bool trust_new = false;   // replace a remembered fingerprint that differs
    bool json = false;
    Duration timeout = 10s;  // until joined
};

struct JoinOptions {
    GlobalOptions global;
    std::string audio_in = "none";   // mic, mic:NAME, FILE.wav, tone, tone:HERTZ, none
    std::string audio_out = "none";  // speaker, speaker:NAME, FILE.wav, none
    media::VoiceProcessing::Options voice_processing;
    bool push_to_talk = false;       // begin muted
    std::string video_in = "none";   // FILE, pattern, none
    std::string video_out = "none";  // DIR, none
    std::string video_size;          // WxH
    double frame_rate = 0;
    std::optional<Duration> stay;  // --for
    proto::SrtpProfile srtp_profile = proto::AEAD_AES_128_GCM;
};

}  // namespace connectsphere::cli
