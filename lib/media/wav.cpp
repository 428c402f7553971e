#include "lib/media/wav.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "lib/media/resampler.hpp"

namespace connectsphere::media {
namespace {

constexpr std::size_t kHeaderSize = 44;
constexpr std::uint64_t kMaxFile = 256 << 20;
constexpr std::uint16_t kFormatPcm = 1;

// Reader and Writer are big-endian, as networks are; RIFF is not.
std::uint16_t swap16(std::uint16_t v) { return static_cast<std::uint16_t>(v << 8 | v >> 8); }
std::uint32_t swap32(std::uint32_t v) { return v << 24 | (v & 0xFF00U) << 8 | (v >> 8 & 0xFF00U) | v >> 24; }

struct Format {
    std::uint16_t channels;
    int rate;
};

Result<Format> parse_format(Bytes chunk) {
    Reader r(chunk);
    const auto format = swap16(r.u16());
    const auto channels = swap16(r.u16());
    const auto rate = swap32(r.u32());
    r.skip(6);
    const auto bits = swap16(r.u16());
    if (!r.ok()) return Error{Errc::truncated, "wav format"};
    if (format != kFormatPcm || bits != 16) return Error{Errc::unsupported, "wav: not 16-bit PCM"};
    if (channels != 1 && channels != 2) return Error{Errc::unsupported, "wav: not mono or stereo"};
    if (rate < 8'000 || rate > 192'000) return Error{Errc::unsupported, "wav: sample rate"};
    return Format{channels, static_cast<int>(rate)};
}

std::vector<std::int16_t> parse_samples(Bytes data, std::uint16_t channels) {
    std::vector<std::int16_t> samples(data.size() / 2 / channels);
    Reader r(data);
    for (auto& sample : samples) {
        int sum = 0;
        for (int channel = 0; channel < channels; ++channel)
            sum += static_cast<std::int16_t>(swap16(r.u16()));
        sample = static_cast<std::int16_t>(sum / channels);
    }
    return samples;
}

}  // namespace

Result<WavAudio> parse_wav(Bytes bytes) {
    Reader r(bytes);
    const auto riff = as_text(r.bytes(4));
    r.skip(4);  // the size of all: the chunks say it better
    const auto wave = as_text(r.bytes(4));
    if (!r.ok()) return Error{Errc::truncated, "wav header"};
    if (riff != "RIFF" || wave != "WAVE") return Error{Errc::malformed, "wav: no RIFF WAVE"};

    std::optional<Format> format;
    while (r.left() >= 8) {
        const auto id = as_text(r.bytes(4));
        const std::size_t size = swap32(r.u32());
        const Bytes chunk = r.bytes(std::min(size, r.left()));
        if (id == "fmt ") {
            const auto parsed = parse_format(chunk);
            if (!parsed) return parsed.error();
            format = *parsed;
        } else if (id == "data") {
            if (!format) return Error{Errc::malformed, "wav: data before format"};
            return WavAudio{format->rate, parse_samples(chunk, format->channels)};
        }
        r.skip(std::min<std::size_t>(size % 2, r.left()));  // chunks are padded to even sizes
    }
    return Error{Errc::truncated, "wav: no data"};
}

Result<std::vector<std::int16_t>> load_wav(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return Error{Errc::not_found, "cannot open " + path};
    const auto size = static_cast<std::uint64_t>(file.tellg());
    if (size > kMaxFile) return Error{Errc::oversized, path + " is larger than 256 MiB"};
    std::string bytes(size, '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
        return Error{Errc::system, "cannot read " + path};
    }
    const auto audio = parse_wav(as_bytes(bytes));
    if (!audio) return Error{audio.error().code, path + ": " + audio.error().what};
    return resample(audio->samples, audio->rate, kSampleRate);
}

Result<WavWriter> WavWriter::create(const std::string& path) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (!file) return Error{Errc::system, "cannot create " + path};
    WavWriter writer(std::move(file));
    if (const auto flushed = writer.flush(); !flushed) return flushed.error();
    return writer;
}

WavWriter::~WavWriter() {
    if (file_.is_open()) (void)flush();
}

Result<void> WavWriter::write(std::span<const std::int16_t> samples) {
    scratch_.resize(samples.size() * 2);
    Writer w(scratch_);
    for (const std::int16_t sample : samples) w.u16(swap16(static_cast<std::uint16_t>(sample)));
    const auto bytes = as_text(scratch_);
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    written_ += samples.size();
    if (written_ - flushed_ >= std::uint64_t{kSampleRate}) return flush();
    if (!file_) return Error{Errc::system, "cannot write the recording"};
    return {};
}

Result<void> WavWriter::flush() {
    file_.seekp(0);
    write_header();
    file_.seekp(0, std::ios::end);
    file_.flush();
    flushed_ = written_;
    if (!file_) return Error{Errc::system, "cannot write the recording"};
    return {};
}

void WavWriter::write_header() {
    // Beyond 4 GiB (12 hours) the sizes stay at their largest value, which players take as "to the end".
    const auto limit = std::uint64_t{std::numeric_limits<std::uint32_t>::max()} - kHeaderSize;
    const auto data = static_cast<std::uint32_t>(std::min(written_ * 2, limit));
    std::array<std::uint8_t, kHeaderSize> header{};
    Writer w(header);
    w.bytes(as_bytes("RIFF"));
    w.u32(swap32(data + kHeaderSize - 8));
    w.bytes(as_bytes("WAVEfmt "));
    w.u32(swap32(16));
    w.u16(swap16(kFormatPcm));
    w.u16(swap16(1));
    w.u32(swap32(kSampleRate));
    w.u32(swap32(kSampleRate * 2));
    w.u16(swap16(2));
    w.u16(swap16(16));
    w.bytes(as_bytes("data"));
    w.u32(swap32(data));
    const auto bytes = as_text(header);
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace connectsphere::media
