// Puts the frames of one inter-frame stream (VP8, H.264) together again and hands them out in order. Here a
// frame needs the ones before it, so a frame comes out only when all that it needs came out: PictureAssembler
// never gives what would decode to a damaged picture.
//
//   VP8 with PictureID, TL0PICIDX and layer (RFC 7741)   a frame of layer 0 needs the one of layer 0 before
//   it;
//       one with the Y bit needs its layer 0 only; another needs every frame since its layers last had one
//   all else                                             a frame needs every frame since the key frame
//
// What is missing may be on its way again: newer frames wait for it, until the stream has gone on for
// kPatience by its own clock, or kWindow frames wait. Then it is given up; what did not need it goes on, and
// where nothing can, needs_key_frame says so.
//
// What a payload means is the format's (Vp8Format, H264Format below). Memory: kWindow frames of at most
// kMaxPicture bytes.
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

// Where a frame stands among the others: VP8's PictureID, TL0PICIDX, TID and Y.
struct PictureLinks {
    std::uint16_t picture_id = 0;  // 15 bits
    std::uint8_t tl0_index = 0;
    std::uint8_t temporal_layer = 0;
    bool layer_sync = false;
};

// One packet's part of a frame, as the format sees it.
struct PicturePart {
    bool starts_frame = false;
    bool starts_key_frame = false;
    std::optional<PictureLinks> links = std::nullopt;
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
    static constexpr std::size_t kWindow = 12;
    static constexpr std::int64_t kPatience = 22'500;  // ticks of the 90 kHz clock: 250 ms

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
    Result<void> count_late() {
        ++stats_.late;
        return {};
    }
    using Frames = std::map<std::int64_t, Frame>;  // by timestamp

    static bool is_whole(const Frame& frame);
    static bool is_key(const Frame& frame) { return frame.parts.begin()->second.starts_key_frame; }
    bool has_waited(std::int64_t timestamp) const;
    bool follows(const Frame& frame) const;       // nothing is missing between it and what came out before
    bool is_decodable(const Frame& frame) const;  // with what came out before
    typename Frames::iterator ready();
    typename Frames::iterator whole_key_frame();
    bool is_useless(const Frame& frame) const;
    bool is_upper(const Frame& frame) const;
    void pass(typename Frames::iterator at);
    bool give_up_oldest();
    AssembledPicture take(typename Frames::iterator at);
    void remember(const Frame& frame);
    void drop_before(typename Frames::iterator end);

    Frames frames_;
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
    std::int64_t newest_ = 0;                  // timestamp
    std::optional<std::int64_t> newest_done_;  // timestamp
    // Of the newest that came out: where the next must begin, and what may need it.
    std::optional<std::int64_t> next_seq_;
    std::optional<PictureLinks> links_;
    unsigned whole_layers_ = 0;  // bit n: frames of layer n may go on without Y
    bool needs_key_frame_ = true;
    PictureAssemblerStats stats_;
};

using Vp8Assembler = PictureAssembler<Vp8Format>;
using H264Assembler = PictureAssembler<H264Format>;
extern template class PictureAssembler<Vp8Format>;
extern template class PictureAssembler<H264Format>;

}  // namespace connectsphere::wire
