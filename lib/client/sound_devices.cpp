#include "lib/client/sound_devices.hpp"

#include <cstdlib>
#include <optional>

#include "lib/client/pulse_audio.hpp"

namespace connectsphere::client {

namespace {

constexpr double kToneHertz = 440;

// "mic" or "mic:NAME": the name, empty for the default device.
std::optional<std::string> device_name(const std::string& what, const std::string& kind) {
    if (what == kind) return std::string();
    if (what.starts_with(kind + ":")) return what.substr(kind.size() + 1);
    return std::nullopt;
}

}  // namespace

bool is_microphone(const std::string& what) { return device_name(what, "mic").has_value(); }

Result<std::unique_ptr<AudioSource>> open_audio_source(const std::string& what) {
    if (what == "none") return std::unique_ptr<AudioSource>();
    if (const auto name = device_name(what, "mic")) return open_microphone(*name);
    if (what == "tone") return make_tone(kToneHertz);
    if (what.starts_with("tone:")) {
        char* end = nullptr;
        const double hertz = std::strtod(what.c_str() + 5, &end);
        if (*end != '\0' || hertz < 20 || hertz > 20'000) {
            return Error{Errc::usage, "--audio-in " + what + ": the tone must be 20 to 20000 Hz"};
        }
        return make_tone(hertz);
    }
    return open_audio_file(what);
}

Result<std::unique_ptr<AudioSink>> open_audio_sink(const std::string& what) {
    if (what == "none") return std::unique_ptr<AudioSink>();
    if (const auto name = device_name(what, "speaker")) return open_loudspeaker(*name);
    return open_audio_recording(what);
}

}  // namespace connectsphere::client
