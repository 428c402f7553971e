#include "services/common/frames.hpp"

#include "lib/wire/frame.hpp"

namespace connectsphere {

std::shared_ptr<const Buffer> frame_of(std::string_view serialized) {
    auto frame = std::make_shared<Buffer>();
    wire::append_frame(*frame, as_bytes(serialized));
    return frame;
}

std::shared_ptr<const Buffer> frame_of(const proto::ServerMessage& message) {
    return frame_of(message.SerializeAsString());
}

proto::ServerMessage error_message(std::uint64_t request_id, proto::ErrorCode code, std::string_view text) {
    proto::ServerMessage message;
    message.set_request_id(request_id);
    message.mutable_error()->set_code(code);
    message.mutable_error()->set_text(text.data(), text.size());
    return message;
}

}  // namespace connectsphere
