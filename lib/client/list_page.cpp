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
        field = key >> 3;
        switch (key & 7) {
            case 0:
                value = varint();
                break;
            case 1:
                rest_.skip(8);
                break;
            case 2:
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

    std::uint64_t field = 0;
    std::uint64_t value = 0;  // of a number
    Bytes bytes;              // of a string or message

  private:
    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t byte = rest_.u8();
            number |= (byte & 0x7F) << shift;
            if (byte < 0x80) break;
        }
        return number;
    }

    Reader rest_;
};

}  // namespace

ListPage list_page_in(Bytes server_message) {
    ListPage page;
    for (Fields message(server_message); message.next();) {
        if (message.field == proto::ServerMessage::kRequestIdFieldNumber) page.request = message.value;
        if (message.field != proto::ServerMessage::kFileListFieldNumber) continue;
        for (Fields list(message.bytes); list.next();) {
            if (list.field == proto::FileList::kMoreAfterFileIdFieldNumber) page.more_after = list.value;
        }
    }
    return page;
}

}  // namespace connectsphere::client
