// What the command line said, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.hpp"
#include "lib/client/share_target.hpp"
#include "lib/client/video_encoders.hpp"
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
    std::string password_file;  // its first line, when `password` is empty
    std::string fingerprint;    // expected, instead of the remembered one
    bool trust_new = false;     // replace a remembered fingerprint that differs
    bool json = false;
    Duration timeout = 10s;  // until joined, or until the answer is there
};

struct ShareOptions {
    client::ShareTarget target{};
    double frame_rate = 0;  // of looks, pictures or frames a second; 0: what fits
    int quality = 75;       // of JPEG, for what moves
    bool take_over = false;
    bool ask = false;
};

struct JoinOptions {
    GlobalOptions global;
    std::string audio_in = "none";   // mic, mic:NAME, FILE.wav, tone, tone:HERTZ, none
    std::string audio_out = "none";  // speaker, speaker:NAME, FILE.wav, none
    media::VoiceProcessing::Options voice_processing;
    bool push_to_talk = false;       // begin muted
    std::string video_in = "none";   // camera, camera:NAME_OR_INDEX, FILE, pattern, none
    std::string video_out = "none";  // DIR, FILE.mkv, none
    std::string video_size;          // WxH
    client::VideoCodecChoice video_codec = client::VideoCodecChoice::automatic;
    double frame_rate = 0;
    std::optional<ShareOptions> share;
    std::string watch;             // FILE, DIR or none; empty: do not watch
    bool only_screen = false;      // share, watch: nothing is read, and the end of sharing is the end
    std::optional<Duration> stay;  // --for
    proto::SrtpProfile srtp_profile = proto::AEAD_AES_128_GCM;
};

struct SayOptions {
    GlobalOptions global;
    std::string to;                  // empty: everybody
    std::vector<std::string> words;  // empty: the lines of standard input
};

struct ReactOptions {
    GlobalOptions global;
    std::string emoji;
};

struct HistoryOptions {
    GlobalOptions global;
    std::string since;  // "2h" or RFC 3339; empty: no limit
    std::string search;
    std::string export_file;  // FILE.json or FILE.txt
    std::uint32_t limit = 0;  // 0: the server's default; for a file as many as it gives
};

struct StatusOptions {
    std::uint16_t port = 9080;
    bool json = false;
    Duration timeout = 10s;
};

}  // namespace connectsphere::cli
