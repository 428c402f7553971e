#include "services/audio-mixer/mixer_engine.hpp"
#include "services/common/service.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    const ServiceSpec spec{
        .service = proto::AUDIO_MIXER,
        .program = "cs-audio-mixer",
        .purpose = "Mixes the voices of each room (UDP plane, port 11000)",
        .make =
            [](const EngineContext& context) {
                return hooks_of(std::make_shared<mixer::AudioMixerEngine>(context));
            },
        .gather = 3ms,  // voices are only wanted at the next tick
    };
    return run_service(argc, argv, spec);
}
