// Puts the frames of one inter-frame stream (VP8, H.264) together again and hands them out in order. Here a
// frame needs the ones before it: one that is lost for good spoils what follows, until a key frame comes.
// PictureAssembler waits for retransmissions as long as newer frames fit in its window; then it gives up, and
// says that a key frame is needed.
//
// What a payload means is the format's (Vp8Format, H264Format below): whether it starts a frame, and its
// bytes. Memory: kWindow frames of at most kMaxPicture bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/seq.hpp"
#include "lib/wire/h264_payload.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/vp8_payload.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMaxPicture = 4 << 20;
constexpr std::size_t kMaxPicturePackets = 4096;

// One packet's part of a frame, as the format sees it.
struct PicturePart {
    bool starts_frame = false;
    bool starts_key_frame = false;
    Buffer bytes;  // what the frame's file form gets of it
};

// A frame is the bytes of its partitions.
struct Vp8Format {
    static Result<PicturePart> part_of(Bytes payload);
};
// A frame is an access unit in the byte-stream format of annex B.
struct H264Format {
    static Result<PicturePart> part_of(Bytes payload);
};

struct PictureAssemblerStats {
    std::uint64_t frames = 0;       // came out
    std::uint64_t incomplete = 0;   // given up: their missing packets did not come in time
    std::uint64_t undecodable = 0;  // whole, but after a loss and before the next key frame
    std::uint64_t oversized = 0;
    std::uint64_t late = 0;  // packets of frames that are over
};

struct AssembledPicture {
    std::uint32_t timestamp;
    bool is_key_frame;
    Buffer bytes;
};

template <class Format>
class PictureAssembler {
  public:
    static constexpr std::size_t kWindow = 12;  // frames that wait for a missing packet: 400 ms at 30/s

    // Takes a packet; frames that are now whole are taken with `next`. An error: the packet can not be
    // parsed.
    Result<void> push(const RtpHeader& header, Bytes payload);
    // Frames in order, each decodable with those that came out before it.
    std::optional<AssembledPicture> next();

    // A frame was lost for good, or none has come: nothing comes out before a key frame.
    bool needs_key_frame() const { return needs_key_frame_; }
    const PictureAssemblerStats& stats() const { return stats_; }

  private:
    struct Frame {
        std::map<std::int64_t, PicturePart> parts;  // by sequence number
        std::optional<std::int64_t> last_seq;       // of the packet with the marker
        std::size_t bytes = 0;
    };
    bool is_whole(const Frame& frame) const;
    void give_up_before(std::int64_t timestamp);

    std::map<std::int64_t, Frame> frames_;  // by timestamp
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
    std::optional<std::int64_t> newest_done_;  // timestamp
    std::optional<std::int64_t> next_seq_;     // where the next frame must begin, after one that came out
    bool needs_key_frame_ = true;
    PictureAssemblerStats stats_;
};

using Vp8Assembler = PictureAssembler<Vp8Format>;
using H264Assembler = PictureAssembler<H264Format>;
extern template class PictureAssembler<Vp8Format>;
extern template class PictureAssembler<H264Format>;

}  // namespace connectsphere::wire
