// Runner: gives a Session its connection, its clock and its media. It connects (and reconnects), verifies the
// server's fingerprint, owns the two UDP sockets, ticks the sound every 20 ms, and hands what happens to its
// user. Everything runs on the one loop; only pictures are captured on a thread of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/client/audio_call.hpp"
#include "lib/client/devices.hpp"
#include "lib/client/media_out.hpp"
#include "lib/client/session.hpp"
#include "lib/client/video_capture.hpp"
#include "lib/client/video_inbox.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/tls.hpp"
#include "lib/net/udp.hpp"
#include "lib/wire/frame.hpp"

namespace connectsphere::client {

class Runner {
  public:
    struct Options {
        Address server;  // control plane
        Session::Options session;
        Entropy entropy;
        // Decides whether to talk to a server with this fingerprint (lib/client/pins). An error ends the
        // session.
        std::function<Result<void>(const std::string& fingerprint)> verify;
        AudioCall::Devices sound;
        std::unique_ptr<VideoSource> video_source;  // null: none
        int jpeg_quality = 75;
        VideoCodecChoice video_codec = VideoCodecChoice::jpeg;
        bool show_video = true;  // false: nobody looks at the others' pictures, and they are not sent to us
        proto::Subscribe subscribe;  // what to see; codecs are filled in
        // False: keys are only reported, and somebody else sends and receives with them.
        bool carries_media = true;
    };
    struct Handlers {
        std::function<void(const Event&)> on_event;
        // A whole frame of somebody, as it was coded; valid during the call. False: it can not be shown, and
        // only a key frame helps.
        std::function<bool(const proto::Participant&, const ReceivedVideo&)> on_picture = nullptr;
        // How the network treats the sound, every 2 s.
        std::function<void(const NetworkFigures& audio)> on_network = nullptr;
    };

    Runner(net::Loop& loop, Options options, Handlers handlers);
    ~Runner();

    void start();
    // Does something with the session, and carries out what follows: act([&](auto& s, auto& out) {
    // s.react("👍", out); }).
    template <class Action>
    void act(Action action) {
        Session::Output out;
        action(session_, out);
        carry_out(out);
    }
    // A ticket for that plane, while in the room; out of it nothing is asked, and who wants one asks again.
    void open_files();
    void open_screen();
    void set_muted(bool muted, bool camera_off = false);
    bool is_muted() const { return audio_call_.is_muted(); }
    // Other devices while the call goes on; null: none.
    void change_microphone(std::unique_ptr<AudioSource> source,
                           const std::optional<media::VoiceProcessing::Options>& processing);
    void change_loudspeaker(std::unique_ptr<AudioSink> sink);
    std::uint8_t take_microphone_level() { return audio_call_.take_level(); }

    const Session& session() const { return session_; }
    const MediaLink& audio_link() const { return audio_.link; }
    const MediaLink& video_link() const { return video_.link; }
    const AudioCall& audio() const { return audio_call_; }
    const AudioIn& audio_in() const { return audio_call_.in(); }
    const VideoIn& video_in() const { return inbox_.in(); }
    const VideoFeedback& video_feedback() const { return inbox_.feedback(); }
    std::uint64_t audio_frames_sent() const { return audio_call_.frames_sent(); }
    std::uint64_t video_frames_sent() const { return video_out_ ? video_out_->frames_sent() : 0; }

  private:
    // One UDP plane: its socket and its link.
    struct Plane {
        explicit Plane(const Entropy& entropy) : link(entropy) {}
        MediaLink link;
        std::optional<net::UdpSocket> socket;
        net::Watch watch;
    };

    void connect();
    void on_bytes(Bytes bytes);
    void drop_connection(const Error& error);
    void carry_out(Session::Output& out);
    void on_own_event(const Event& event);
    void install_keys(const proto::MediaKeys& keys);
    void open_plane(Plane& plane, std::function<void(std::span<Datagram>)> on_datagrams);
    void start_ticks();
    void on_tick();
    void on_picture(std::span<const EncodedVideo> encoded, Time captured_at);
    void on_capture_end(const Error& error);
    void on_published(const proto::Published& published);
    void on_wanted(const proto::WantedEncodings& wanted);
    void subscribe();
    void on_video_datagrams(std::span<Datagram> datagrams);
    void on_video_rtcp(Bytes compound, Time arrival);
    void send_requests();
    void arm();
    void flush(Plane& plane);

    net::Loop& loop_;
    Options options_;
    Handlers handlers_;
    Session session_;
    std::optional<net::TlsContext> tls_;
    std::optional<net::TlsConnection> connection_;
    wire::FrameParser parser_;
    net::Timer session_timer_;
    net::Timer reconnect_timer_;
    net::Timer report_timer_;
    net::Timer request_timer_;
    net::Timer tick_timer_;
    net::Timer network_timer_;
    net::Deferred hang_up_;
    std::optional<Error> hang_up_error_;
    Time tick_due_{};

    Plane audio_, video_;
    DatagramBatch batch_;
    AudioCall audio_call_;
    std::optional<VideoOut> video_out_;
    VideoInbox inbox_;
    std::unique_ptr<VideoCapture> capture_;
    std::vector<VideoEncoding> plan_;
    EncodingMask wanted_ = 0;
};

}  // namespace connectsphere::client
