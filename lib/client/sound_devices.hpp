// Sound as people name it, on a command line or in a list: a device, a file, a tone, or none.
#pragma once

#include <memory>
#include <string>

#include "lib/client/devices.hpp"

namespace connectsphere::client {

// mic, mic:NAME, tone, tone:HERTZ, FILE.wav or none (null).
Result<std::unique_ptr<AudioSource>> open_audio_source(const std::string& what);
// speaker, speaker:NAME, FILE.wav or none (null).
Result<std::unique_ptr<AudioSink>> open_audio_sink(const std::string& what);
// A real one: near a loudspeaker, in a room with noise.
bool is_microphone(const std::string& what);

}  // namespace connectsphere::client
