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
#include <optional>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::wire {

constexpr std::size_t kFrameHeaderSize = 8;
constexpr std::size_t kMaxFrameChunk = 64 << 10;  // the most that is appended to a parser at once

struct FrameView {
    Bytes message;
    Bytes data;
};

// Adds a frame to what is waiting to be sent.
void append_frame(Buffer& out, Bytes message, Bytes data = {});

// Makes `out` one frame whose data are yet to be written, into the span that is returned: a file is read to
// where it is sent from. What `out` held before is gone, its memory is used again.
MutableBytes lay_out_frame(Buffer& out, Bytes message, std::size_t data_size);

// Cuts a byte stream into frames, however TCP chopped it. After every append call next() until it gives
// nothing. It holds at most one unfinished frame and one chunk: a length beyond the limit is refused as soon
// as it can be read. After an error the stream has no more frames, and next() repeats the error.
class FrameParser {
  public:
    explicit FrameParser(std::size_t limit) : limit_(limit) {}

    // The highest total length accepted. It starts low and rises when the peer has said who it is.
    void set_limit(std::size_t limit) { limit_ = limit; }

    // Fails with `full`, and takes nothing, only where the frames at hand were not taken out first.
    Result<void> append(Bytes chunk);

    // The next whole frame, valid until the next append; nothing when more bytes are needed.
    Result<std::optional<FrameView>> next();

    std::size_t buffered() const { return buffer_.size() - taken_; }

  private:
    std::size_t limit_;
    Buffer buffer_;
    std::size_t taken_ = 0;  // bytes at the front that belong to frames already given out
};

}  // namespace connectsphere::wire
