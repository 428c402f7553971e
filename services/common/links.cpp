#include "services/common/links.hpp"

#include "lib/net/clock.hpp"
#include "services/common/log.hpp"
#include "services/common/service_name.hpp"

namespace connectsphere {

namespace {

constexpr Duration kRetry = 50ms;

}  // namespace

ServiceLink::ServiceLink(net::Loop& loop, Bus& bus, proto::Service service, InstanceId instance,
                         Handlers handlers)
    : service_(service),
      instance_(instance),
      handlers_(std::move(handlers)),
      ctl_(bus, service, [this](const proto::ToService& message) { handlers_.on_message(message); }),
      retry_(loop.at(net::now(), [this] { knock(); })) {}

void ServiceLink::knock() {
    proto::ToGateway message;
    message.mutable_hello()->set_instance_id(instance_.value);
    message.mutable_hello()->set_service(service_);
    if (!ctl_.send(message)) retry_.set(net::now() + kRetry);
}

// A lost answer needs no repetition: the gateway asks until it has one.
void ServiceLink::answer(const proto::GatewayHello& hello) {
    retry_.cancel();
    proto::ToGateway message;
    message.mutable_hello()->set_instance_id(instance_.value);
    message.mutable_hello()->set_service(service_);
    message.mutable_hello()->set_gateway_instance_id(hello.instance_id());
    if (handlers_.fill_hello) handlers_.fill_hello(*message.mutable_hello());
    if (!ctl_.send(message)) log::count("gateway-away", {{"message", "hello"}});
}

GatewayLinks::GatewayLinks(net::Loop& loop, Bus& bus, InstanceId instance, Handlers handlers)
    : instance_(instance), handlers_(std::move(handlers)) {
    for (const auto service : {proto::SIGNALING, proto::VIDEO_RELAY, proto::AUDIO_MIXER, proto::SCREEN_BROKER,
                               proto::FILE_STORE}) {
        auto& peer = peers_[service];
        peer.ctl = std::make_unique<CtlClient>(
            bus, service,
            [this, service, &peer](const proto::ToGateway& message) { on_message(service, peer, message); });
        peer.retry = loop.at(net::now(), [this, service, &peer] { greet(service, peer); });
    }
}

bool GatewayLinks::send(proto::Service service, const proto::ToService& message) {
    const auto peer = peers_.find(service);
    return peer != peers_.end() && peer->second.answered && peer->second.ctl->send(message);
}

bool GatewayLinks::knows(proto::Service service) const {
    const auto peer = peers_.find(service);
    return peer != peers_.end() && static_cast<bool>(peer->second.answered);
}

void GatewayLinks::greet(proto::Service service, Peer& peer) {
    proto::ToService message;
    message.mutable_hello()->set_instance_id(instance_.value);
    if (handlers_.fill_hello) handlers_.fill_hello(service, *message.mutable_hello());
    (void)peer.ctl->send(message);  // away: it is asked again
    peer.retry.set(net::now() + kRetry);
}

void GatewayLinks::on_message(proto::Service service, Peer& peer, const proto::ToGateway& message) {
    if (message.has_hello()) {
        const InstanceId instance{message.hello().instance_id()};
        if (message.hello().gateway_instance_id() != instance_.value) {
            peer.answered = {};
            return greet(service, peer);
        }
        // A service that knocked while our Hello was on its way answers twice.
        if (std::exchange(peer.answered, instance) == instance) return;
        peer.retry.cancel();
        log::info("service-up", {{"peer", service_name(service)}});
    }
    // Until it has answered, it may still be talking to an earlier life of the gateway.
    if (!peer.answered) return log::count("stale-answer", {{"peer", service_name(service)}});
    handlers_.on_message(service, message);
}

}  // namespace connectsphere
