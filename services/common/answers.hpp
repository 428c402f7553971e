// Answers to clients, in the two forms in which a service gives them: as the answer to a request that came
// through the gateway, and as a frame on the service's own TCP plane.
#pragma once

#include "proto/bus.pb.h"
#include "proto/client.pb.h"
#include "services/common/frames.hpp"

namespace connectsphere {

// To the gateway, as the answer to its request `request_id`.
inline proto::ToGateway answer(std::uint64_t request_id, const proto::ServerMessage& message) {
    proto::ToGateway out;
    out.set_request_id(request_id);
    message.SerializeToString(out.mutable_answer()->mutable_server_message());
    return out;
}

// To one connection of the service's own plane.
inline FrameOut frame_to(ConnectionId connection, const proto::ServerMessage& message) {
    return {.to = {connection}, .frame = frame_of(message)};
}

}  // namespace connectsphere
