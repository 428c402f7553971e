// Microphones and loudspeakers by PulseAudio's protocol, which PipeWire speaks too. A device that is not
// there, is unplugged, or whose sound server dies is silent, and is tried again every half second; nothing
// here ever blocks the caller.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/client/devices.hpp"

namespace connectsphere::client {

struct AudioDevice {
    std::string name;         // what mic:NAME and speaker:NAME take
    std::string description;  // for people
};

struct AudioDevices {
    std::vector<AudioDevice> microphones;
    std::vector<AudioDevice> loudspeakers;
};

Result<AudioDevices> list_audio_devices();  // waits for the sound server, at most 2 s

std::unique_ptr<AudioSource> open_microphone(const std::string& name);  // empty: the default one
std::unique_ptr<AudioSink> open_loudspeaker(const std::string& name);

}  // namespace connectsphere::client
