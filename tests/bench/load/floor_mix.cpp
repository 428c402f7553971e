// The floor of the audio plane: what the codec alone costs when all listeners share one encode. A few talkers
// are decoded, each gets a mix without itself, everybody else the same one: n decodes and n + 1 encodes a
// tick. One thread, no network, as fast as it goes.
//
//   floor_mix --seconds 20 --complexity 5 --bitrate 48000 --voices a.wav,b.wav,c.wav
#include <ctime>
#include <sstream>

#include "lib/media/opus.hpp"
#include "lib/media/wav.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;
using namespace connectsphere::media;

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// What a talker sends: every frame of it, encoded beforehand; an empty one where it pauses (DTX).
std::vector<Buffer> encode_voice(const std::string& file, std::size_t start, std::size_t ticks) {
    const auto samples = load_wav(file);
    if (!samples) give_up(samples.error().what);
    OpusEncoder encoder({.dtx = true});
    std::vector<Buffer> packets;
    std::size_t at = start * kSampleRate;
    for (std::size_t tick = 0; tick < ticks; ++tick) {
        AudioFrame frame;
        for (auto& sample : frame) sample = (*samples)[at++ % samples->size()];
        Buffer packet(kMaxOpusPacket);
        packet.resize(encoder.encode(frame, packet).value());
        if (is_dtx(packet)) packet.clear();
        packets.push_back(std::move(packet));
    }
    return packets;
}

void encode_mix(OpusEncoder& encoder, SoftLimiter& limiter, const MixSum& sum) {
    AudioFrame mix;
    std::array<std::uint8_t, kMaxOpusPacket> packet;
    limiter.process(sum, mix);
    if (!encoder.encode(mix, packet)) give_up("encode");
}

void work(const Arguments& arguments) {
    const auto ticks = static_cast<std::size_t>(arguments.duration("seconds", 20) / kFrameDuration);
    std::vector<std::vector<Buffer>> voices;
    std::istringstream list(arguments.text("voices"));
    for (std::string file; std::getline(list, file, ',');)
        voices.push_back(encode_voice(file, voices.size(), ticks));

    const OpusConfig config{.bitrate = static_cast<int>(arguments.number("bitrate", 48'000)),
                            .complexity = static_cast<int>(arguments.number("complexity", 5)),
                            .is_mix = true};
    std::vector<OpusDecoder> decoders(voices.size());
    std::vector<OpusEncoder> encoders(voices.size() + 1, OpusEncoder(config));
    std::vector<SoftLimiter> limiters(encoders.size());
    std::vector<AudioFrame> frames(voices.size());
    const double start = cpu_seconds();
    for (std::size_t tick = 0; tick < ticks; ++tick) {
        MixSum sum{};
        for (std::size_t i = 0; i < voices.size(); ++i) {
            frames[i] = {};
            if (!voices[i][tick].empty() && !decoders[i].decode(voices[i][tick], frames[i]))
                give_up("decode");
            add(sum, frames[i]);
        }
        encode_mix(encoders.back(), limiters.back(), sum);
        for (std::size_t i = 0; i < voices.size(); ++i) {
            subtract(sum, frames[i]);
            encode_mix(encoders[i], limiters[i], sum);
            add(sum, frames[i]);
        }
    }
    say("end", {{"cpu_per_second", (cpu_seconds() - start) / (static_cast<double>(ticks) * 0.02)}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
