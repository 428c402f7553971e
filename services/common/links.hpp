// The two ends of ctl with the Hello protocol, by which a gateway and a service that start in any order, and
// restart at any time, know each other:
//
//   service                                   gateway
//      | --- ServiceHello, gateway 0 ----------> |   a service has started; until there is a gateway
//      | <-- GatewayHello, instance g ---------- |   every 50 ms until it is answered
//      | --- ServiceHello, gateway g, epochs --> |   now the gateway trusts what the service says
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "lib/base/id.hpp"
#include "services/common/bus.hpp"

namespace connectsphere {

class ServiceLink {
  public:
    struct Handlers {
        std::function<void(const proto::ToService&)> on_message;  // GatewayHello too: answer() it
        std::function<void(proto::ServiceHello&)> fill_hello;
    };

    ServiceLink(net::Loop& loop, Bus& bus, proto::Service service, InstanceId instance, Handlers handlers);

    [[nodiscard]] bool send(const proto::ToGateway& message) { return ctl_.send(message); }
    void answer(const proto::GatewayHello& hello);

  private:
    void knock();

    proto::Service service_;
    InstanceId instance_;
    Handlers handlers_;
    CtlServer ctl_;
    net::Timer retry_;
};

class GatewayLinks {
  public:
    struct Handlers {
        // What services say to this life of the gateway; the ServiceHello that answers it comes first.
        std::function<void(proto::Service, const proto::ToGateway&)> on_message;
        std::function<void(proto::Service, proto::GatewayHello&)> fill_hello;
    };

    GatewayLinks(net::Loop& loop, Bus& bus, InstanceId instance, Handlers handlers);

    [[nodiscard]] bool send(proto::Service service, const proto::ToService& message);
    bool knows(proto::Service service) const;  // it has answered our Hello

  private:
    struct Peer {
        std::unique_ptr<CtlClient> ctl;
        net::Timer retry;
        InstanceId answered;  // the life of the service that has answered our Hello
    };

    void greet(proto::Service service, Peer& peer);
    void on_message(proto::Service service, Peer& peer, const proto::ToGateway& message);

    InstanceId instance_;
    Handlers handlers_;
    std::map<proto::Service, Peer> peers_;
};

}  // namespace connectsphere
