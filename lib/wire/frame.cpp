#include "lib/wire/frame.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace connectsphere::wire {

namespace {

constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kLeastSpace = 16 << 10;  // as much as comes at once, a TLS record

}  // namespace

void append_frame(Buffer& out, Bytes message, Bytes data) {
    const std::size_t total = kLengthSize + message.size() + data.size();
    assert(total <= std::numeric_limits<std::uint32_t>::max());
    std::array<std::uint8_t, kFrameHeaderSize> header{};
    Writer w(header);
    w.u32(static_cast<std::uint32_t>(total));
    w.u32(static_cast<std::uint32_t>(message.size()));
    if (out.empty()) out.reserve(kLengthSize + total);
    for (const Bytes part : {Bytes(header), message, data}) out.insert(out.end(), part.begin(), part.end());
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

MutableBytes FrameParser::space() {
    std::size_t missing = 0;
    if (buffered() >= kLengthSize) {
        const auto whole = kLengthSize + Reader(waiting()).u32();
        if (whole <= kLengthSize + limit_ && whole > buffered()) missing = whole - buffered();
    }
    const auto size = std::max(missing, kLeastSpace);
    make_room(size);
    return MutableBytes(*block_).subspan(end_, size);
}

Result<void> FrameParser::append(Bytes chunk) {
    if (buffered() + chunk.size() > kLengthSize + limit_ + kMaxFrameChunk) {
        return Error{Errc::full, "frame buffer"};
    }
    make_room(chunk.size());
    std::copy(chunk.begin(), chunk.end(), block_->begin() + static_cast<std::ptrdiff_t>(end_));
    filled(chunk.size());
    return {};
}

// Moves what is left of an unfinished frame to the front, and away from views that somebody keeps.
void FrameParser::make_room(std::size_t count) {
    const bool is_ours = block_ && block_.use_count() == uses_;
    if (is_ours && block_->size() - end_ >= count) return;
    const auto rest = waiting();
    const auto needed = rest.size() + count;
    auto block = is_ours ? block_ : pool_ ? pool_->take() : std::make_shared<Buffer>();
    const auto grow = [&] {
        block->reserve(needed);  // no more than that
        block->resize(std::max(block->size(), needed));
    };
    if (!is_ours) grow();
    std::copy(rest.begin(), rest.end(), block->begin());
    if (is_ours) grow();
    block_.swap(block);
    if (!is_ours) uses_ = block_.use_count();
    begin_ = 0;
    end_ = rest.size();
}

Result<std::optional<FrameView>> FrameParser::next() {
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (pool_) block_.reset();
    }
    if (buffered() < kLengthSize) return std::optional<FrameView>{};
    Reader r(waiting());
    const std::size_t total = r.u32();
    if (total > limit_) return Error{Errc::oversized, "frame"};
    if (total < kLengthSize) return Error{Errc::malformed, "frame length"};
    if (r.left() < kLengthSize) return std::optional<FrameView>{};
    const std::size_t message_size = r.u32();
    if (message_size > total - kLengthSize) return Error{Errc::malformed, "message length"};
    if (r.left() < total - kLengthSize) return std::optional<FrameView>{};

    const Bytes message = r.bytes(message_size);
    const Bytes data = r.bytes(total - kLengthSize - message_size);
    begin_ += kLengthSize + total;
    return std::optional<FrameView>(FrameView{message, data, block_});
}

}  // namespace connectsphere::wire
