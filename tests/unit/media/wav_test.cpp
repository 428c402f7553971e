#include "lib/media/wav.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

// Two stereo samples at 44.1 kHz, with a LIST chunk of odd size that has to be padded.
const char* const kStereo =
    "52494646 3c000000 57415645"                             // RIFF, size, WAVE
    "666d7420 10000000 01000200 44ac0000 10b10200 04001000"  // fmt
    "4c495354 05000000 6162636465 00"                        // LIST
    "64617461 08000000 0100 0300 feff fcff";                 // data: (1, 3) (-2, -4)

Buffer bytes_of(std::string text) {
    std::erase(text, ' ');
    return from_hex(text);
}

std::string temporary(const char* name) {
    return (std::filesystem::temp_directory_path() / (std::to_string(std::rand()) + name)).string();
}

}  // namespace

TEST_CASE("a stereo WAV is mixed down") {
    const auto audio = parse_wav(bytes_of(kStereo));
    REQUIRE(audio);
    CHECK(audio->rate == 44'100);
    CHECK(audio->samples == std::vector<std::int16_t>{2, -3});
}

TEST_CASE("every truncation of a WAV is an error or a shorter recording") {
    const Buffer whole = bytes_of(kStereo);
    const std::size_t data_at = whole.size() - 8;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto audio = parse_wav(Bytes(whole).first(size));
        CHECK(audio.has_value() == (size >= data_at));
        if (audio) CHECK(audio->samples.size() == (size - data_at) / 4);
    }
}

TEST_CASE("what is no plain PCM is refused by name") {
    struct Row {
        std::size_t offset;
        std::uint8_t value;
        Errc code;
    };
    const Row rows[] = {
        {0, 'X', Errc::malformed},      // RIFF
        {8, 'X', Errc::malformed},      // WAVE
        {20, 3, Errc::unsupported},     // floating point
        {22, 3, Errc::unsupported},     // three channels
        {22, 0, Errc::unsupported},     // none
        {26, 0xFF, Errc::unsupported},  // 16 MHz
        {34, 24, Errc::unsupported},    // 24 bits
        {12, 'X', Errc::malformed},     // no fmt
    };
    for (const auto& row : rows) {
        CAPTURE(row.offset);
        Buffer bytes = bytes_of(kStereo);
        bytes[row.offset] = row.value;
        const auto audio = parse_wav(bytes);
        REQUIRE_FALSE(audio);
        CHECK(audio.error().code == row.code);
    }
}

TEST_CASE("a recording can be read back, even if its writer never closed it") {
    const auto path = temporary("recording.wav");
    auto writer = WavWriter::create(path);
    REQUIRE(writer);
    std::vector<std::int16_t> second(kSampleRate);
    for (std::size_t i = 0; i < second.size(); ++i) second[i] = static_cast<std::int16_t>(i);
    REQUIRE(writer->write(second));
    CHECK(*load_wav(path) == second);  // still open: this is what a killed process leaves
    REQUIRE(writer->write(std::span(second).first(960)));
    REQUIRE(writer->flush());
    CHECK(load_wav(path)->size() == second.size() + 960);
    std::filesystem::remove(path);
}

TEST_CASE("a file of another rate is loaded at 48 kHz") {
    const auto audio = load_wav(CS_TEST_DATA "/voice_reader1.wav");
    REQUIRE(audio);
    CHECK(std::abs(static_cast<int>(audio->size()) - 10 * kSampleRate) < 100);
    CHECK(level_dbov(*audio) < 40);
    CHECK(load_wav(CS_TEST_DATA "/absent.wav").error().code == Errc::not_found);
}
