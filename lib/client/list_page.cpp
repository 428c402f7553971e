#include "lib/client/list_page.hpp"

#include "proto/client.pb.h"

namespace connectsphere::client {

namespace {

// The fields of a serialised message, one after another (protobuf.dev, "Encoding").
class Fields {
  public:
    explicit Fields(Bytes message) : rest_(message) {}

    // False at the end, and at bytes that are no field.
    bool next() {
        if (rest_.left() == 0) return false;
        const auto key = varint();
        field_ = key >> 3;
        type_ = key & 7;
        switch (type_) {
            case kNumber:
                value = varint();
                break;
            case 1:
                rest_.skip(8);
                break;
            case kBytes:
                bytes = rest_.bytes(varint());
                break;
            case 5:
                rest_.skip(4);
                break;
            default:
                return false;
        }
        return rest_.ok();
    }

    // A field of the wrong type is an unknown one.
    bool is_number(std::uint64_t number) const { return field_ == number && type_ == kNumber; }
    bool is_bytes(std::uint64_t number) const { return field_ == number && type_ == kBytes; }

    std::uint64_t value = 0;  // of a number
    Bytes bytes;              // of a string or message

  private:
    static constexpr std::uint64_t kNumber = 0, kBytes = 2;  // wire types

    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t byte = rest_.u8();
            number |= (byte & 0x7F) << shift;
            if (byte < 0x80) break;
        }
        return number;
    }

    std::uint64_t field_ = 0;
    std::uint64_t type_ = 0;
    Reader rest_;
};

}  // namespace

ListPage list_page_in(Bytes server_message) {
    ListPage page;
    for (Fields message(server_message); message.next();) {
        if (message.is_number(proto::ServerMessage::kRequestIdFieldNumber)) page.request = message.value;
        if (!message.is_bytes(proto::ServerMessage::kFileListFieldNumber)) continue;
        for (Fields list(message.bytes); list.next();) {
            if (list.is_number(proto::FileList::kMoreAfterFileIdFieldNumber)) page.more_after = list.value;
        }
    }
    return page;
}

}  // namespace connectsphere::client
