// The links between the services, over ZeroMQ: ctl, state and beat (docs/development.md, "Links"). One
// Protocol Buffers message a frame. No send ever blocks: it says whether the message was taken.
//
// ZMQ_FD is edge-triggered and any call on its socket, a send too, eats the edge; whoever reads a socket only
// when its descriptor is ready loses messages for good. So the descriptors only wake the loop, and before
// each sleep one hook of Bus drains all sockets that were called or rang since they were found empty, up to a
// budget: looking into the others would cost a system call each, at every wakeup of a media plane. The links
// give messages to their callbacks there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/loop.hpp"
#include "proto/bus.pb.h"

namespace connectsphere {

class Bus {
  public:
    Bus(net::Loop& loop, std::filesystem::path run_dir);
    ~Bus();

    // What the links below are made of.
    class Socket;
    struct Context;
    std::string endpoint(proto::Service service, std::string_view link) const;

  private:
    friend class Socket;
    bool drain();

    net::Loop& loop_;
    std::filesystem::path run_dir_;
    std::unique_ptr<Context> context_;
    std::vector<Socket*> sockets_;  // nullptr: closed while draining
    net::Hook hook_;
};

// ctl, at the gateway: one a service. Ordered and bounded. Nothing waits for a service that is away, so a
// restarted one never gets what was meant for its predecessor.
class CtlClient {
  public:
    CtlClient(Bus& bus, proto::Service service, std::function<void(const proto::ToGateway&)> on_message);
    ~CtlClient();

    [[nodiscard]] bool send(const proto::ToService& message);  // false: the service is sick or away

  private:
    std::unique_ptr<Bus::Socket> socket_;
};

// ctl, at a service.
class CtlServer {
  public:
    CtlServer(Bus& bus, proto::Service service, std::function<void(const proto::ToService&)> on_message);
    ~CtlServer();

    [[nodiscard]] bool send(const proto::ToGateway& message);  // false: there is no gateway, or it is stuck

  private:
    std::unique_ptr<Bus::Socket> socket_;
};

// state, at the owner. Every subscription asks for everything again: `on_subscriber` publishes it.
class StatePublisher {
  public:
    StatePublisher(Bus& bus, proto::Service owner, std::function<void()> on_subscriber);
    ~StatePublisher();

    void publish(const proto::StateMessage& message);
    std::uint64_t dropped() const { return dropped_; }  // messages that some subscriber missed, being stuck

  private:
    std::unique_ptr<Bus::Socket> socket_;
    std::uint64_t dropped_ = 0;
};

class StateSubscriber {
  public:
    StateSubscriber(Bus& bus, proto::Service owner,
                    std::function<void(const proto::StateMessage&)> on_message);
    ~StateSubscriber();

  private:
    std::unique_ptr<Bus::Socket> socket_;
};

// beat, at every service: dropped where status is away or stuck.
class BeatSender {
  public:
    explicit BeatSender(Bus& bus);
    ~BeatSender();

    bool send(const proto::Beat& beat);  // false: status is not there

  private:
    std::unique_ptr<Bus::Socket> socket_;
};

// beat, at status.
class BeatReceiver {
  public:
    BeatReceiver(Bus& bus, std::function<void(const proto::Beat&)> on_beat);
    ~BeatReceiver();

  private:
    std::unique_ptr<Bus::Socket> socket_;
};

}  // namespace connectsphere
