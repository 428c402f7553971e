// Microphone and loudspeaker as the command line names them.
#pragma once

#include <memory>
#include <string>

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"
#include "lib/client/audio_call.hpp"

namespace connectsphere::cli {

// mic, mic:NAME, tone, tone:HERTZ, FILE.wav or none; speaker, speaker:NAME, FILE.wav or none. Echo
// cancellation and the like are for real microphones only.
Result<client::AudioCall::Devices> open_sound(const JoinOptions& options);

}  // namespace connectsphere::cli
