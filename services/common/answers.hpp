// Refusals to clients, in the two forms in which a service gives them: as the answer to a request that came
// through the gateway, and as a frame on the service's own TCP plane.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "lib/wire/frame.hpp"
#include "proto/bus.pb.h"
#include "proto/client.pb.h"
#include "services/common/outbox.hpp"

namespace connectsphere {

inline proto::ServerMessage refusal(std::uint64_t client_request_id, proto::ErrorCode code,
                                    std::string text) {
    proto::ServerMessage message;
    message.set_request_id(client_request_id);
    message.mutable_error()->set_code(code);
    message.mutable_error()->set_text(std::move(text));
    return message;
}

// To the gateway, as the answer to its request `request_id`.
inline proto::ToGateway answer(std::uint64_t request_id, const proto::ServerMessage& message) {
    proto::ToGateway out;
    out.set_request_id(request_id);
    message.SerializeToString(out.mutable_answer()->mutable_server_message());
    return out;
}

// To one connection of the service's own plane.
inline FrameOut frame_to(ConnectionId connection, const proto::ServerMessage& message) {
    auto frame = std::make_shared<Buffer>();
    wire::append_frame(*frame, as_bytes(message.SerializeAsString()));
    return {.to = {connection}, .frame = std::move(frame)};
}

}  // namespace connectsphere
