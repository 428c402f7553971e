// How messages travel on the TCP planes: frames of one Protocol Buffers message and raw bytes beside it, so
// that tile and file data are never copied through a message. Integers are big-endian.
//
//   0               4                8
//   +---------------+----------------+--------------------+------------------------------+
//   | total length  | message length | message            | data                         |
//   | u32           | u32 = m        | m bytes            | total - 4 - m bytes, or none |
//   +---------------+----------------+--------------------+------------------------------+
//                   |<---------------------- total length ------------------------------>|
//
// The total length counts what follows it, so it is at least 4, and a frame takes 4 + total bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "lib/base/buffer_pool.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

constexpr std::size_t kFrameHeaderSize = 8;
constexpr std::size_t kMaxFrameChunk = 64 << 10;  // the most that is appended to a parser at once

struct FrameView {
    Bytes message;
    Bytes data;
    // What they are a part of, shared with the parser: who keeps it may keep them. Empty where nobody may.
    std::shared_ptr<const Buffer> block = nullptr;
};

// Adds a frame to what is waiting to be sent.
void append_frame(Buffer& out, Bytes message, Bytes data = {});

// Makes `out` one frame whose data are yet to be written, into the span that is returned: a file is read to
// where it is sent from. What `out` held before is gone, its memory is used again.
MutableBytes lay_out_frame(Buffer& out, Bytes message, std::size_t data_size);

// Cuts a byte stream into frames, however TCP chopped it. After what has come in call next() until it gives
// nothing. It holds at most one unfinished frame and one chunk: a length beyond the limit is refused as soon
// as it can be read. After an error the stream has no more frames, and next() repeats the error.
//
//     const auto space = parser.space();           // or parser.append(chunk), which copies
//     parser.filled(read(space));
//     while (…frame = parser.next()…) …
class FrameParser {
  public:
    // With a pool it has no memory of its own between frames; the pool must outlive it.
    explicit FrameParser(std::size_t limit, BufferPool* pool = nullptr) : limit_(limit), pool_(pool) {}

    // The highest total length accepted. It starts low and rises when the peer has said who it is.
    void set_limit(std::size_t limit) { limit_ = limit; }

    // Where the next bytes belong: to the end of the frame that has begun, so that a long one stays where it
    // was received and the next begins in a block of its own; else a little.
    MutableBytes space();
    void filled(std::size_t count) { end_ += count; }  // the front of space()

    // Fails with `full`, and takes nothing, only where the frames at hand were not taken out first.
    Result<void> append(Bytes chunk);

    // The next whole frame, valid as long as the view lives; nothing when more bytes are needed.
    Result<std::optional<FrameView>> next();

    std::size_t buffered() const { return end_ - begin_; }

  private:
    Bytes waiting() const { return block_ ? Bytes(*block_).subspan(begin_, end_ - begin_) : Bytes(); }
    void make_room(std::size_t count);

    std::size_t limit_;
    BufferPool* pool_;
    std::shared_ptr<Buffer> block_;  // shared with the views that were given out
    long uses_ = 0;                  // of block_ while there is no view of it: the pool may have it as well
    std::size_t begin_ = 0;          // what is before belongs to frames already given out
    std::size_t end_ = 0;            // what is behind is room
};

}  // namespace connectsphere::wire
