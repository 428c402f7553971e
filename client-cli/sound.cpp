#include "client-cli/sound.hpp"

#include "lib/client/pulse_audio.hpp"
#include "lib/client/sound_devices.hpp"

namespace connectsphere::cli {

Result<client::AudioCall::Devices> open_sound(const JoinOptions& options) {
    auto source = client::open_audio_source(options.audio_in);
    if (!source) return source.error();
    auto sink = client::open_audio_sink(options.audio_out);
    if (!sink) return sink.error();
    client::AudioCall::Devices devices{.source = std::move(*source), .sink = std::move(*sink)};
    if (client::is_microphone(options.audio_in)) devices.processing = options.voice_processing;
    return devices;
}

}  // namespace connectsphere::cli
