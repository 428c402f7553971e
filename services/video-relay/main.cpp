#include "services/common/service.hpp"
#include "services/video-relay/relay_engine.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    const ServiceSpec spec{
        .service = proto::VIDEO_RELAY,
        .program = "cs-video-relay",
        .purpose = "Forwards video packets to those who may see them (UDP plane, port 10000)",
        .make =
            [](const EngineContext& context) {
                return hooks_of(std::make_shared<relay::VideoRelayEngine>(context));
            },
        .gather = 500us,  // the most that a packet waits here for others; nobody sees it
    };
    return run_service(argc, argv, spec);
}
