// Puts the frames of one JPEG stream together again. A frame comes out whole or not at all: what has a hole,
// or contradicts itself, is dropped and counted. Reordered and repeated packets do no harm.
//
// It works on the newest two frames, so that the last packets of one may come after the first of the next.
// When a frame is complete, an older one that is not is given up: each JPEG stands for itself, and the newest
// is what people want to see. Memory: two scans of at most kMaxJpegScan, kept for the next frames.
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
    std::uint64_t incomplete = 0;  // dropped: a newer frame took their place
    std::uint64_t corrupt = 0;     // dropped: their fragments contradict each other, or lack a table
    std::uint64_t late = 0;        // packets of frames that have come out or were dropped
};

struct AssembledJpeg {
    std::uint32_t timestamp;
    JpegFrame frame;  // valid until the next push
};

class JpegAssembler {
  public:
    // Gives a frame when this packet completed one. An error means that the packet can not be parsed, and
    // changes nothing.
    Result<std::optional<AssembledJpeg>> push(const RtpHeader& header, Bytes payload);

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
    static bool has_all_packets(const Frame& frame);
    static std::optional<std::size_t> scan_size(const Frame& frame);
    std::optional<QuantTables> tables_of(const Frame& frame);
    std::optional<AssembledJpeg> finish(Frame& frame);
    void spoil(Frame& frame);
    void drop(Frame& frame);

    std::array<Frame, 2> frames_;
    SeqUnwrapper seq_;
    TimestampUnwrapper timestamp_;
    std::optional<std::int64_t> newest_done_;  // timestamp of the newest frame that is over
    // The newest tables that came with a Q of 128..254: later frames with that Q may leave them out.
    std::optional<std::pair<std::uint8_t, QuantTables>> known_tables_;
    JpegAssemblerStats stats_;
};

}  // namespace connectsphere::wire
