// FrameQueue: encoded frames of several streams between the network and a thread that decodes or writes them.
// A frame builds on those before it, so what is dropped takes with it all that follows up to the next key
// frame, and only where none waits must one be asked for. Not thread-safe: its owner has the lock.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace connectsphere::client {

// `Frame` says of itself whether it is_key_frame; every JPEG is one.
template <class Frame>
class FrameQueue {
  public:
    struct Waiting {
        std::uint64_t stream = 0;
        Frame frame{};
    };

    // With more than `most` frames, those of the stream that waits longest are dropped, up to its next key
    // frame, and counted as dropped(): without one of them the others show a damaged picture.
    explicit FrameQueue(std::size_t most) : most_(most) {}

    // False: it was dropped, as all will be before a key frame.
    bool push(std::uint64_t stream, Frame frame) {
        if (waiting_.size() >= most_) drop_oldest();
        if (frame.is_key_frame) broken_.erase(stream);
        if (broken_.contains(stream)) {
            ++dropped_;
            return false;
        }
        waiting_.push_back({stream, std::move(frame)});
        return true;
    }

    std::optional<Waiting> pop() {
        if (waiting_.empty()) return {};
        std::optional oldest(std::move(waiting_.front()));
        waiting_.pop_front();
        return oldest;
    }

    // A frame of this stream is lost to those that follow: dropped here, or popped and damaged.
    void break_off(std::uint64_t stream) {
        bool is_mended = false;
        dropped_ += std::erase_if(waiting_, [&](const Waiting& each) {
            is_mended = is_mended || (each.stream == stream && each.frame.is_key_frame);
            return each.stream == stream && !is_mended;
        });
        if (!is_mended) broken_.insert(stream);
    }

    // Nothing of this stream waits any more, and nothing is held against it. Says how many frames waited.
    std::size_t forget(std::uint64_t stream) {
        broken_.erase(stream);
        return std::erase_if(waiting_, [&](const Waiting& each) { return each.stream == stream; });
    }

    bool empty() const { return waiting_.empty(); }
    std::uint64_t dropped() const { return dropped_; }

  private:
    void drop_oldest() {
        const auto stream = waiting_.front().stream;
        waiting_.pop_front();
        ++dropped_;
        break_off(stream);
    }

    std::size_t most_;
    std::deque<Waiting> waiting_;
    std::set<std::uint64_t> broken_;  // streams that need a key frame, and none waits
    std::uint64_t dropped_ = 0;
};

}  // namespace connectsphere::client
