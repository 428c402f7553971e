// PictureFiles: the others' pictures on the disk, as --video-out says: each as DIR/NAME/000001.jpg, or, as
// they came, in one Matroska file a participant. Decoding and writing have a thread of their own, so that a
// slow disk never holds up the sound.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client-cli/picture_places.hpp"
#include "client-cli/report.hpp"
#include "lib/base/bytes.hpp"
#include "lib/client/frame_queue.hpp"
#include "lib/client/media_in.hpp"
#include "lib/client/video_decoder.hpp"
#include "lib/client/video_recording.hpp"
#include "lib/media/image.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/net/loop.hpp"
#include "proto/client.pb.h"

namespace connectsphere::cli {

class PictureFiles {
  public:
    static constexpr std::size_t kMostWaiting = 64;  // frames; finish() says what was dropped beyond

    // `where` is DIR, FILE.mkv or "none". What can not be written is reported once a participant.
    PictureFiles(const std::string& where, net::Loop& loop, Reporter& reporter);
    ~PictureFiles() { stop(); }

    // False: only a key frame helps. One before it was dropped, or could not be decoded.
    bool write(const proto::Participant& participant, const client::ReceivedVideo& frame);
    void forget(SessionId session);  // it has left: its recording is complete
    void finish();                   // writes what waits; afterwards nothing more

  private:
    // A frame with what the thread must know of its sender.
    struct Picture {
        std::string name{};
        int width = 0, height = 0;  // as it was published
        proto::Codec codec = proto::JPEG;
        std::uint32_t timestamp = 0;  // 90 kHz
        bool is_key_frame = true;
        Buffer bytes{};

        client::ReceivedVideo frame() const { return {codec, timestamp, is_key_frame, bytes}; }
    };
    struct Sender {
        client::VideoDecoder decoder{};
        std::optional<client::VideoRecording> recording{};
        bool has_failed = false;
    };

    void stop();

    // ---- the thread's
    void run();
    bool write(Sender& sender, const Picture& picture);  // false: it can not be decoded
    void record(Sender& sender, const Picture& picture);
    void write_jpeg(Sender& sender, const Picture& picture, Bytes jpeg);
    void complain(Sender& sender, const Error& error);
    void say(std::string error);

    net::Loop& loop_;
    Reporter& reporter_;  // the loop's thread only

    std::mutex mutex_;
    std::condition_variable changed_;
    client::FrameQueue<Picture> waiting_{kMostWaiting};  // a stream a session
    std::vector<std::uint64_t> left_;                    // sessions to be forgotten
    std::deque<std::string> errors_;                     // not yet reported
    bool is_over_ = false;

    std::map<std::uint64_t, Sender> senders_;  // by session; the thread's, as what follows
    PicturePlaces places_;
    media::Image image_;
    media::JpegEncoder jpeg_;
    std::thread thread_;
};

}  // namespace connectsphere::cli
