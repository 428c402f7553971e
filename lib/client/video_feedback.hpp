// VideoFeedback: what a receiver of video tells the sender's side (RFC 4585): how each stream arrives, which
// packets to send again, and that a key frame is needed. Pure: packets and the time come in, RTCP goes out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/id.hpp"
#include "lib/base/seq.hpp"
#include "lib/base/time.hpp"
#include "lib/media/nack_list.hpp"
#include "lib/media/video_reception.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::client {

class VideoFeedback {
  public:
    static constexpr std::size_t kMaxStreams = 192;  // of more, nothing is said
    static constexpr Duration kReportGap = 200ms;    // losses are reported this often, at most
    static constexpr Duration kKeyFrameGap = 300ms;  // between two requests for the same stream
    static constexpr Duration kSilence = 2s;  // of a stream of which nothing comes, no key frame is asked
    static constexpr std::uint32_t kVideoClockRate = 90'000;  // Hz

    void on_packet(const wire::RtpHeader& header, std::size_t packet_bytes, Time at);
    void on_rtcp(Bytes compound, Time at);  // sender reports
    void want_key_frame(Ssrc ssrc);         // until got_key_frame; asks no oftener than kKeyFrameGap
    void got_key_frame(Ssrc ssrc);

    // Appends a receiver report, of at most one datagram.
    void write_report(Writer& w, Ssrc own, Time now);

    // Appends what can not wait for a report, a short compound; false: nothing.
    bool write_requests(Writer& w, Ssrc own, Time now, Duration round_trip);
    Time deadline() const { return deadline_; }  // when write_requests has something to say

    std::uint64_t asked_again() const { return asked_again_; }  // packets
    std::uint64_t key_frames_asked() const { return key_frames_asked_; }
    void forget(Ssrc ssrc) { streams_.erase(ssrc); }
    std::optional<Ssrc> longest_silent() const;  // nothing: there is no stream
    void restart();

  private:
    struct Stream {
        media::VideoReception reception{kVideoClockRate};
        media::NackList missing;
        Time key_frame_at = kNever;  // when to ask for one
        Time key_frame_asked_at{};
        Time heard_at{};

        bool is_silent(Time now) const { return now - heard_at > kSilence; }
    };

    std::map<Ssrc, Stream> streams_;
    Ssrc next_reported_;  // where the next report goes on, when there are more streams than blocks
    Time deadline_ = kNever;
    Time reported_at_{};
    std::uint64_t asked_again_ = 0;
    std::uint64_t key_frames_asked_ = 0;
};

}  // namespace connectsphere::client
