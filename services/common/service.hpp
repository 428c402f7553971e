// The shell, written once: reads the command line and the configuration, opens the links that the engine's
// hooks call for (ctl, state, beat, lend, TLS frames, UDP), and runs one event loop until SIGTERM. Everything
// that an engine decides in its Outbox happens here. SIGHUP reads the configuration again: the level and
// format of the log, and at the gateway the certificate.
#pragma once

#include <functional>

#include "services/common/engine.hpp"

namespace connectsphere::net {
class Loop;
}

namespace connectsphere {

struct ServiceSpec {
    proto::Service service;
    const char* program;  // "cs-signaling"
    const char* purpose;  // one line for --help
    std::function<EngineHooks(const EngineContext&)>
        make;  // may throw: the process ends with a clear message
    // After all links are open, before anybody is told "ready" (status' HTTP). May throw, as `make`.
    std::function<void(net::Loop&, const EngineContext&)> started = nullptr;
    std::size_t frame_bytes = 16 << 10;  // largest frame of a trusted connection of its TCP plane
    // UDP planes: datagrams that come closer together than this are taken together, this long after the ones
    // before, and in any case before the engine's deadline: a wakeup costs more than reading ten. What comes
    // alone does not wait.
    Duration gather{};
    int nice = 0;  // nice(2): a service that moves bulk data steps back behind sound and chat
};

// Command line: --config FILE, --run-dir DIR, --check-config, --version, --help. Exit codes: 0 stopped, 1
// could not start or failed, 2 usage, configuration or the administrator's certificate.
int run_service(int argc, char** argv, const ServiceSpec& spec);

template <class Engine>
int run_service(int argc, char** argv, proto::Service service, const char* program, const char* purpose) {
    return run_service(argc, argv,
                       ServiceSpec{.service = service,
                                   .program = program,
                                   .purpose = purpose,
                                   .make = [](const EngineContext& context) {
                                       return hooks_of(std::make_shared<Engine>(context));
                                   }});
}

}  // namespace connectsphere
