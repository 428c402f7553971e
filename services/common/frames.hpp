// Frames of messages, for engines: a message as a whole frame that many connections share.
#pragma once

#include <memory>
#include <string_view>

#include "proto/client.pb.h"
#include "services/common/outbox.hpp"

namespace connectsphere {

std::shared_ptr<const Buffer> frame_of(std::string_view serialized);
std::shared_ptr<const Buffer> frame_of(const proto::ServerMessage& message);

// One sentence for the one who asked.
proto::ServerMessage error_message(std::uint64_t request_id, proto::ErrorCode code, std::string_view text);

}  // namespace connectsphere
