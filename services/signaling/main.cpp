#include "services/common/service.hpp"
#include "services/signaling/signaling_engine.hpp"

int main(int argc, char** argv) {
    return connectsphere::run_service<connectsphere::signaling::SignalingEngine>(
        argc, argv, connectsphere::proto::SIGNALING, "cs-signaling", "keeps rooms, participants and chat");
}
