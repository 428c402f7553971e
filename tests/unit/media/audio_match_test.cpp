#include "lib/media/audio_match.hpp"

#include <catch2/catch.hpp>
#include <complex>
#include <map>
#include <random>

#include "lib/media/fft.hpp"
#include "lib/media/opus.hpp"
#include "tests/unit/media/voices.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

using Samples = std::vector<std::int16_t>;

const char* const kNames[] = {"jfk", "reader1", "reader2"};

struct Line {
    int bitrate;
    bool lossy;  // every tenth frame is concealed
};

// The sum of voices after Opus, from `offset` samples on, as a participant would record it.
Samples heard(const std::vector<Samples>& voices, std::size_t offset, const Line& line) {
    OpusEncoder encoder({.bitrate = line.bitrate});
    OpusDecoder decoder;
    SoftLimiter limiter;
    Samples out(offset);
    Buffer packet(kMaxOpusPacket);
    for (std::size_t n = 0; n < 500; ++n) {
        MixSum sum{};
        for (const auto& voice : voices) add(sum, frame_of(voice, n));
        AudioFrame frame;
        limiter.process(sum, frame);
        const auto size = encoder.encode(frame, packet);
        if (line.lossy && n % 10 == 5) {
            decoder.conceal(frame);
        } else {
            REQUIRE(decoder.decode(Bytes(packet).first(size.value()), frame));
        }
        out.insert(out.end(), frame.begin(), frame.end());
    }
    return out;
}

}  // namespace

TEST_CASE("the transform goes both ways") {
    Spectrum values(64);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = {static_cast<float>(i % 7), 0};
    const Spectrum before = values;
    fft(values);
    CHECK(std::abs(values[0] - std::complex<float>(189, 0)) < 0.01F);  // the sum
    fft(values, FftDirection::inverse);
    for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(std::abs(values[i] - before[i]) < 1e-4F);
}

TEST_CASE("a voice is found in a mix of two, and the third is not") {
    std::map<std::string, Samples> voices;
    for (const char* name : kNames) voices[name] = load_voice(name);
    double worst_present = 1;
    double best_absent = 0;
    for (const Line& line : {Line{16'000, false}, Line{32'000, false}, Line{32'000, true}}) {
        for (const char* absent : kNames) {
            std::vector<Samples> mixed;
            for (const char* name : kNames) {
                if (name != absent) mixed.push_back(voices[name]);
            }
            const Samples recording = heard(mixed, 37'037, line);
            for (const char* name : kNames) {
                CAPTURE(line.bitrate, line.lossy, absent, name);
                const auto match = match_voice(recording, voices[name]);
                CHECK((match.score > kVoicePresent) == (name != absent));
                if (name == absent) {
                    best_absent = std::max(best_absent, match.score);
                } else {
                    worst_present = std::min(worst_present, match.score);
                    // The codec itself delays by 6.5 ms.
                    CHECK(std::abs(milliseconds(match.offset) - (37'037 / 48 + 6)) <= 2);
                }
            }
        }
    }
    CAPTURE(worst_present, best_absent);
    CHECK(worst_present > 2 * kVoicePresent);
    CHECK(best_absent < kVoicePresent / 2);
}

TEST_CASE("the same samples score 1 at any volume, silence and noise nothing") {
    const auto voice = load_voice("jfk");
    Samples quiet = voice;
    for (auto& s : quiet) s = static_cast<std::int16_t>(s / 8);
    CHECK(match_voice(quiet, voice).score > 0.95);
    CHECK(match_voice(Samples(voice.size()), voice).score == 0);
    CHECK(match_voice({}, voice).score == 0);
    CHECK(match_voice(voice, {}).score == 0);
    Samples noise(voice.size());
    std::mt19937 random(1);
    std::normal_distribution<double> normal(0, 3'000);
    for (auto& s : noise) s = static_cast<std::int16_t>(normal(random));
    CHECK(match_voice(noise, voice).score < 0.1);
}
