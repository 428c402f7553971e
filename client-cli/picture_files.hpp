// PictureFiles: the others' pictures on the disk, as --video-out says: each as DIR/NAME/000001.jpg, or, as
// they came, in one Matroska file a participant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "client-cli/report.hpp"
#include "lib/client/media_in.hpp"
#include "lib/client/video_decoder.hpp"
#include "lib/client/video_recording.hpp"
#include "lib/media/image.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "proto/client.pb.h"

namespace connectsphere::cli {

class PictureFiles {
  public:
    // `where` is DIR, FILE.mkv or "none". What can not be written is reported once a file or folder.
    PictureFiles(std::string where, Reporter& reporter) : where_(std::move(where)), reporter_(reporter) {}

    // False: it could not be decoded.
    bool write(const proto::Participant& participant, const client::ReceivedVideo& frame);

  private:
    struct Sender {
        std::uint64_t frames = 0;
        client::VideoDecoder decoder;
        std::optional<client::VideoRecording> recording;
        int recordings = 0;
    };

    void record(Sender& sender, const proto::Participant& participant, const client::ReceivedVideo& frame);
    void write_picture(const Sender& sender, const proto::Participant& participant, Bytes jpeg);

    std::string where_;
    Reporter& reporter_;
    std::map<std::uint64_t, Sender> senders_;  // by session
    media::Image picture_;
    media::JpegEncoder jpeg_;
};

}  // namespace connectsphere::cli
