#include "client-cli/sound.hpp"

#include <cstdlib>

#include "lib/client/pulse_audio.hpp"

namespace connectsphere::cli {

namespace {

constexpr double kToneHertz = 440;

// "mic" or "mic:NAME": the name, empty for the default device.
std::optional<std::string> device_name(const std::string& what, const std::string& kind) {
    if (what == kind) return std::string();
    if (what.starts_with(kind + ":")) return what.substr(kind.size() + 1);
    return std::nullopt;
}

Result<std::unique_ptr<client::AudioSource>> open_source(const std::string& what) {
    if (what == "none") return std::unique_ptr<client::AudioSource>();
    if (const auto name = device_name(what, "mic")) return client::open_microphone(*name);
    if (what == "tone") return client::make_tone(kToneHertz);
    if (what.starts_with("tone:")) {
        char* end = nullptr;
        const double hertz = std::strtod(what.c_str() + 5, &end);
        if (*end != '\0' || hertz < 20 || hertz > 20'000) {
            return Error{Errc::usage, "--audio-in " + what + ": the tone must be 20 to 20000 Hz"};
        }
        return client::make_tone(hertz);
    }
    return client::open_audio_file(what);
}

Result<std::unique_ptr<client::AudioSink>> open_sink(const std::string& what) {
    if (what == "none") return std::unique_ptr<client::AudioSink>();
    if (const auto name = device_name(what, "speaker")) return client::open_loudspeaker(*name);
    return client::open_audio_recording(what);
}

}  // namespace

Result<client::AudioCall::Devices> open_sound(const JoinOptions& options) {
    auto source = open_source(options.audio_in);
    if (!source) return source.error();
    auto sink = open_sink(options.audio_out);
    if (!sink) return sink.error();
    client::AudioCall::Devices devices{.source = std::move(*source), .sink = std::move(*sink)};
    if (device_name(options.audio_in, "mic")) devices.processing = options.voice_processing;
    return devices;
}

}  // namespace connectsphere::cli
