#include "services/common/service.hpp"
#include "services/video-relay/relay_engine.hpp"

int main(int argc, char** argv) {
    return connectsphere::run_service<connectsphere::relay::VideoRelayEngine>(
        argc, argv, connectsphere::proto::VIDEO_RELAY, "cs-video-relay",
        "Forwards video packets to those who may see them.");
}
