// Opus (RFC 6716) as conferences use it: 48 kHz mono, 20 ms a packet, in-band FEC (RFC 7587). The codec
// states live in one block that is allocated at construction, so that coding allocates nothing, and that may
// be copied: an encoder that begins as a copy of another continues its stream without a seam.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

constexpr std::size_t kMaxOpusPacket = 1'275;  // bytes, RFC 6716 section 3.4
constexpr std::size_t kMaxDtxPacket = 2;       // bytes: so short a packet only says "silence"

// Says "silence" without an encoder: a table of contents (SILK, wideband, 20 ms, mono) and nothing else.
inline constexpr std::array<std::uint8_t, 1> kDtxPacket{0x48};

struct OpusConfig {
    int bitrate = 32'000;           // bits per second, 6,000 to 510,000
    int complexity = 5;             // 0 to 10
    bool inband_fec = false;        // carry a coarse copy of the previous frame (LBRR)
    int expected_loss_percent = 0;  // FEC is spent only where loss is expected
    bool dtx = false;               // packets of at most kMaxDtxPacket bytes in silence
    // A mix of voices: coded by transform (CELT) while it needs no FEC. The model of one voice (SILK) fits no
    // mix and costs three times as much; but only SILK has FEC.
    bool is_mix = false;

    bool by_transform() const { return is_mix && !inband_fec; }
    bool operator==(const OpusConfig&) const = default;
};

// The same with FEC for this much loss (0 to 1), or without where loss is not worth it: FEC makes every
// packet larger and every encode dearer.
OpusConfig prepared_for(OpusConfig config, double loss);

// Questions that a packet answers without being decoded.
int frame_samples(Bytes packet);  // at 48 kHz; 0 if it is malformed
bool has_fec(Bytes packet);       // it carries the frame before it
inline bool is_dtx(Bytes packet) { return packet.size() <= kMaxDtxPacket; }

class OpusEncoder {
  public:
    explicit OpusEncoder(const OpusConfig& config);  // throws if a value is out of range

    // The size of the packet written to `out` (kMaxOpusPacket bytes fit any).
    Result<std::size_t> encode(std::span<const std::int16_t, kFrame> frame, MutableBytes out);
    Result<void> configure(const OpusConfig& config);  // between two frames
    void copy_state_from(const OpusEncoder& other);    // and with it the configuration
    const OpusConfig& config() const { return config_; }

  private:
    OpusConfig config_;
    Buffer state_;
};

// After a failed decode the state and `out` are as they were.
class OpusDecoder {
  public:
    OpusDecoder();

    Result<void> decode(Bytes packet, AudioFrame& out);    // of 20 ms, mono or stereo mixed down
    Result<void> decode_fec(Bytes next, AudioFrame& out);  // the lost frame, as the packet after it tells
    void conceal(AudioFrame& out);  // the lost frame, guessed (packet loss concealment)
    void reset();                   // forget the stream

  private:
    Result<void> run(Bytes packet, bool fec, AudioFrame& out);

    Buffer state_;
};

}  // namespace connectsphere::media
