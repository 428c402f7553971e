#include "services/audio-mixer/mix_stream.hpp"

#include <algorithm>
#include <utility>

namespace connectsphere::mixer {
namespace {

// What a mixed packet may take: kMaxDatagramSent without headers and tag, and far more than speech needs.
constexpr std::size_t kMaxPayload = 1'000;

// RFC 6716 section 3.1: the two low bits of the first byte are the frame count code; 0 is one frame.
constexpr std::uint8_t kOneFrame = 0xFC;

}  // namespace

MixStream::Packet MixStream::encode(const Mix& mix, const media::AudioFrame* own) {
    if (!mix.is_silent_without(own)) {
        tail_ = kTail;
    } else if (tail_ == 0) {
        return {};
    } else if (--tail_ == 0) {
        // A packet of a table of contents and nothing else is how Opus says DTX.
        packet_[0] &= kOneFrame;
        return {Bytes(packet_).first(1), false};
    }
    mix.render(own, limiter_, frame_);
    const auto size = encoder_.encode(frame_, MutableBytes(packet_).first(kMaxPayload));
    if (!size) return {};
    return {Bytes(packet_).first(*size), true};
}

void MixStream::continue_from(const MixStream& other) {
    encoder_.copy_state_from(other.encoder_);
    limiter_ = other.limiter_;
    tail_ = other.tail_;
    frame_ = other.frame_;
    packet_[0] = other.packet_[0];
}

void MixStream::expect_loss(double loss) {
    const auto config = media::prepared_for(encoder_.config(), loss);
    if (config != encoder_.config()) (void)encoder_.configure(config);  // only values that Opus takes
}

std::unique_ptr<MixStream> MixStreamPool::take() {
    if (idle_.empty()) {
        ++made_;
        idle_.reserve(made_);  // so that giving back never allocates
        return make();
    }
    auto stream = std::move(idle_.back());
    idle_.pop_back();
    return stream;
}

void MixStreamPool::give_back(std::unique_ptr<MixStream> stream) {
    if (stream) idle_.push_back(std::move(stream));
}

}  // namespace connectsphere::mixer
