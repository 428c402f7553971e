#include "services/common/service.hpp"
#include "services/screen-broker/broker_engine.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    using screen_broker::BrokerEngine;
    const ServiceSpec spec{
        .service = proto::SCREEN_BROKER,
        .program = "cs-screen-broker",
        .purpose = "Shares one screen per room with every viewer.",
        .make =
            [](const EngineContext& context) { return hooks_of(std::make_shared<BrokerEngine>(context)); },
        // The tiles of an update, and as many descriptions of the smallest ones.
        .frame_bytes = BrokerEngine::kPart + (64 << 10),
        .nice = 5,  // sound and chat come first
    };
    return run_service(argc, argv, spec);
}
