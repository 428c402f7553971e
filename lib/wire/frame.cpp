#include "lib/wire/frame.hpp"

#include <cassert>
#include <limits>

namespace connectsphere::wire {

namespace {

constexpr std::size_t kLengthSize = 4;

}  // namespace

void append_frame(Buffer& out, Bytes message, Bytes data) {
    const std::size_t total = kLengthSize + message.size() + data.size();
    assert(total <= std::numeric_limits<std::uint32_t>::max());
    const std::size_t start = out.size();
    out.resize(start + kLengthSize + total);
    Writer w(MutableBytes(out).subspan(start));
    w.u32(static_cast<std::uint32_t>(total));
    w.u32(static_cast<std::uint32_t>(message.size()));
    w.bytes(message);
    w.bytes(data);
}

MutableBytes lay_out_frame(Buffer& out, Bytes message, std::size_t data_size) {
    const std::size_t total = kLengthSize + message.size() + data_size;
    assert(total <= std::numeric_limits<std::uint32_t>::max());
    out.resize(kLengthSize + total);
    Writer w(out);
    w.u32(static_cast<std::uint32_t>(total));
    w.u32(static_cast<std::uint32_t>(message.size()));
    w.bytes(message);
    return MutableBytes(out).last(data_size);
}

Result<void> FrameParser::append(Bytes chunk) {
    if (buffered() + chunk.size() > kLengthSize + limit_ + kMaxFrameChunk) {
        return Error{Errc::full, "frame buffer"};
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
    return {};
}

Result<std::optional<FrameView>> FrameParser::next() {
    const Bytes waiting = Bytes(buffer_).subspan(taken_);
    if (waiting.size() < kLengthSize) return std::optional<FrameView>{};
    Reader r(waiting);
    const std::size_t total = r.u32();
    if (total > limit_) return Error{Errc::oversized, "frame"};
    if (total < kLengthSize) return Error{Errc::malformed, "frame length"};
    if (r.left() < kLengthSize) return std::optional<FrameView>{};
    const std::size_t message_size = r.u32();
    if (message_size > total - kLengthSize) return Error{Errc::malformed, "message length"};
    if (r.left() < total - kLengthSize) return std::optional<FrameView>{};

    const Bytes message = r.bytes(message_size);
    const Bytes data = r.bytes(total - kLengthSize - message_size);
    taken_ += kLengthSize + total;
    return std::optional<FrameView>(FrameView{message, data});
}

}  // namespace connectsphere::wire
