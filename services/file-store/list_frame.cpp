#include "services/file-store/list_frame.hpp"

#include "proto/client.pb.h"
#include "services/common/frames.hpp"

namespace connectsphere::file_store {

namespace {

constexpr std::uint64_t kLengthDelimited = 2;  // wire type of a message (protobuf.dev, "Encoding")

void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

}  // namespace

std::shared_ptr<const Buffer> list_frame(std::uint64_t request, const Catalogue::Page& page) {
    proto::FileList end;
    end.set_more_after_file_id(page.more_after);
    const auto rest = end.SerializeAsString();
    proto::ServerMessage reply;
    reply.set_request_id(request);
    auto message = reply.SerializeAsString();
    append_varint(message, proto::ServerMessage::kFileListFieldNumber << 3 | kLengthDelimited);
    append_varint(message, page.files.size() + rest.size());
    message.reserve(message.size() + page.files.size() + rest.size());
    message += page.files;
    message += rest;
    return frame_of(message);
}

}  // namespace connectsphere::file_store
