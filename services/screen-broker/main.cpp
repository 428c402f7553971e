#include "services/common/service.hpp"
#include "services/screen-broker/broker_engine.hpp"

int main(int argc, char** argv) {
    using namespace connectsphere;
    return run_service<screen_broker::BrokerEngine>(argc, argv, proto::SCREEN_BROKER, "cs-screen-broker",
                                                    "Shares one screen per room with every viewer.");
}
