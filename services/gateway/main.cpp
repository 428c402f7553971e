#include "services/common/service.hpp"
#include "services/gateway/gateway_engine.hpp"

int main(int argc, char** argv) {
    return connectsphere::run_service<connectsphere::gateway::GatewayEngine>(
        argc, argv, connectsphere::proto::GATEWAY, "cs-gateway",
        "owns the client ports, admits clients and makes their keys");
}
