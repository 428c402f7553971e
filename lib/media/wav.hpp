// WAV files, PCM of 16 bits: what a client plays as its microphone, and what it records of a call.
//
//     "RIFF" u32 size "WAVE"   { id[4]  u32 size  bytes[size]  0-1 pad }*      all little-endian
//     "fmt ": u16 format (1 = PCM)  u16 channels  u32 rate  u32 bytes/s  u16 bytes/frame  u16 bits
//     "data": the samples
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/media/pcm.hpp"

namespace connectsphere::media {

struct WavAudio {
    int rate = kSampleRate;             // 8,000 to 192,000
    std::vector<std::int16_t> samples;  // mono: a stereo file is mixed down
};

// Pure. A data chunk that claims more than is there gives what is there: the recorder was killed.
Result<WavAudio> parse_wav(Bytes bytes);

// A file of at most 256 MiB, at 48 kHz.
Result<std::vector<std::int16_t>> load_wav(const std::string& path);

// Records to a file. The header is brought up to date once a second, so that a file whose writer was killed
// still plays to that second everywhere, and to the last flushed sample with parse_wav.
class WavWriter {
  public:
    static Result<WavWriter> create(const std::string& path);

    WavWriter(WavWriter&&) = default;
    WavWriter& operator=(WavWriter&&) = delete;
    ~WavWriter();

    Result<void> write(std::span<const std::int16_t> samples);
    Result<void> flush();  // header and samples to the operating system

  private:
    explicit WavWriter(std::ofstream file) : file_(std::move(file)) {}
    void write_header();

    std::ofstream file_;
    std::uint64_t written_ = 0;  // samples
    std::uint64_t flushed_ = 0;
    Buffer scratch_;
};

}  // namespace connectsphere::media
