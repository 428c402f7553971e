// VideoInbox: the pictures of the others, and what is said of them to the server. Each stream is held while
// it is in the room; the room's news and the media take different ways, and either may be first:
//
//   a packet before the news that its stream is there   is taken: the first picture must not wait
//   a packet after the news that it has gone            is not: it would hold a place for nothing
#pragma once

#include <deque>
#include <set>
#include <utility>

#include "lib/client/media_in.hpp"
#include "lib/client/video_feedback.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

class VideoInbox {
  public:
    explicit VideoInbox(VideoIn::OnFrame on_frame) : in_(std::move(on_frame)) {}

    void packet(const MediaLink::Packet& packet, std::size_t packet_bytes);

    // What is in the room now. `is_whole`: as the server said it at once, not by what has changed since; then
    // who came and went unseen has gone too.
    void update(const proto::Room& room, bool is_whole);

    // A new key epoch: everything that counted packets starts anew.
    void restart();

    const VideoIn& in() const { return in_; }
    const VideoFeedback& feedback() const { return feedback_; }
    VideoFeedback& feedback() { return feedback_; }

  private:
    static constexpr std::size_t kMaxGone = 256;  // the newest; of older ones nothing is on its way any more

    void forget(Ssrc ssrc);

    VideoIn in_;
    VideoFeedback feedback_;
    std::set<Ssrc> present_;
    std::deque<Ssrc> gone_;
};

}  // namespace connectsphere::client
