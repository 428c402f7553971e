#include "services/audio-mixer/mixer_engine.hpp"
#include "services/common/service.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    return run_service<mixer::AudioMixerEngine>(argc, argv, proto::AUDIO_MIXER, "cs-audio-mixer",
                                                "Mixes the voices of each room (UDP plane, port 11000)");
}
