// Puts the frames of one JPEG stream together again and hands them out in order. A frame comes out whole or
// not at all: what has a hole, or contradicts itself, is dropped and counted. Reordered and repeated packets
// do no harm.
//
// Each JPEG stands for itself, so one that is lost for good spoils no other. But a packet that is missing may
// be on its way again: newer frames wait for an older one, until the stream has gone on for kPatience by its
// own clock, or kWindow frames wait. The tail of a frame can only be missed when the next frame has come;
// without waiting it could never be repaired. Memory: kWindow scans of at most kMaxJpegScan, kept for the
// next frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/seq.hpp"
#include "lib/wire/jpeg_payload.hpp"
#include "lib/wire/rtp.hpp"

namespace connectsphere::wire {

constexpr std::size_t kMaxJpegFragments =
    4096;  // 4 MiB in packets of 1,024 bytes; a frame of more is dropped

struct JpegAssemblerStats {
    std::uint64_t frames = 0;      // came out
    std::uint64_t incomplete = 0;  // given up: their missing packets did not come in time
    std::uint64_t corrupt = 0;     // dropped: their fragments contradict each other, or lack a table
    std::uint64_t late = 0;        // packets of frames that have come out or were dropped
};

struct AssembledJpeg {
    std::uint32_t timestamp;
    JpegFrame frame;  // valid until the next push or next
};

class JpegAssembler {
  public:
    static constexpr std::size_t kWindow = 6;
    static constexpr std::int64_t kPatience = 22'500;  // ticks of the 90 kHz clock: 250 ms
    // Where nothing is repeated, waiting only costs time: each frame that is given up halves the patience,
    // down to this, and anything that comes late restores it.
    static constexpr std::int64_t kLeastPatience = kPatience / 8;

    // Takes a packet; frames that are now whole are taken with `next`, until it gives none. An error means
    // that the packet can not be parsed, and changes nothing.
    Result<void> push(const RtpHeader& header, Bytes payload);
    std::optional<AssembledJpeg> next();

    const JpegAssemblerStats& stats() const { return stats_; }

  private:
    struct Fragment {
        std::int64_t seq;
        std::size_t offset;
        std::size_t size;
    };
    struct Frame {
        bool in_use = false;
        bool is_corrupt = false;
        std::int64_t timestamp = 0;
        JpegParameters parameters;
        std::optional<QuantTables> tables;
        std::optional<std::int64_t> last_seq;  // of the packet with the marker
        std::vector<Fragment> fragments;       // by sequence number
        Buffer scan;                           // grows only; what is valid says `fragments`
    };

    Frame* frame_of(std::int64_t timestamp, const JpegPayload& payload);
    void add(Frame& frame, std::int64_t seq, bool marker, const JpegPayload& payload);
    Frame* oldest();
    Frame* oldest_whole();
    bool has_waited(const Frame& frame) const;
    bool follows(const Frame& frame) const;  // nothing is missing between it and what came out before
    static bool is_whole(const Frame& frame);
    static std::optional<std::size_t> scan_size(const Frame& frame);
    std::optional<QuantTables> tables_of(const Frame& frame);
    std::optional<AssembledJpeg> finish(Frame& frame);
    void spoil(Frame& frame);
    void drop(Frame& frame);
    void end(Frame& frame);

    std::array<Frame, kWindow> frames_;
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
    std::int64_t newest_ = 0;  // timestamp
    std::int64_t patience_ = kPatience;
    std::optional<std::int64_t> newest_done_;  // timestamp of the newest frame that is over
    std::optional<std::int64_t> next_seq_;     // where the next frame must begin, if that is known
    bool has_begun_ = false;                   // a frame came out: from here on, none is missed
    // The newest tables that came with a Q of 128..254: later frames with that Q may leave them out.
    std::optional<std::pair<std::uint8_t, QuantTables>> known_tables_;
    JpegAssemblerStats stats_;
};

}  // namespace connectsphere::wire
