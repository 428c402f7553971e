// What an engine decided, as values: the shell (services/common/service) takes them out and does them.
// Engines append, the shell empties the outbox after every call, so that its memory is reused.
#pragma once

#include <memory>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/datagram.hpp"
#include "lib/base/id.hpp"
#include "proto/bus.pb.h"

namespace connectsphere {

// A message from the gateway to a service's ctl link.
struct ToServiceOut {
    proto::Service service;
    proto::ToService message;
};

// A frame for TCP connections: made once, sent to many. `frame` is a whole frame (lib/wire/frame).
struct FrameOut {
    std::vector<ConnectionId> to;
    std::shared_ptr<const Buffer>
        frame;  // shared by the output queues of its connections until the last has sent it
};

struct Outbox {
    explicit Outbox(std::size_t datagram_bytes = 0) : datagrams(datagram_bytes) {}

    std::vector<proto::ToGateway> to_gateway;  // services only
    std::vector<ToServiceOut> to_service;      // the gateway only
    std::vector<proto::StateMessage> state;    // owners of state only
    std::vector<FrameOut> frames;              // processes with a TCP plane, in order
    std::vector<ConnectionId> trusted;         // have shown who they are: larger frames, no stranger any more
    std::vector<ConnectionId> closes;          // after the frames above have been sent
    std::vector<ConnectionId> drops;           // at once: nobody is there to take a goodbye
    DatagramBatch datagrams;                   // processes with a UDP plane

    void clear() {
        to_gateway.clear();
        to_service.clear();
        state.clear();
        frames.clear();
        trusted.clear();
        closes.clear();
        drops.clear();
        datagrams.clear();
    }
};

}  // namespace connectsphere
