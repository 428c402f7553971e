// Whatever Protocol Buffers take for a page of a list, the quick look at it sees the same.
#include "lib/client/list_page.hpp"

#include <cstdlib>

#include "proto/client.pb.h"

using namespace connectsphere;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)client::list_page_in(Bytes(data, size));
    proto::ServerMessage message;
    if (!message.ParseFromArray(data, static_cast<int>(size)) || !message.has_file_list()) return 0;
    // As a sender writes it: a parser also takes fields in any order, several times and of the wrong type.
    const auto written = message.SerializeAsString();
    const auto same = client::list_page_in(as_bytes(written));
    if (same.request != message.request_id() || same.more_after != message.file_list().more_after_file_id())
        std::abort();
    return 0;
}
