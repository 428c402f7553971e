// Whether a list goes on behind a page of it, found without taking the page apart: the next one is asked for
// first, and is on its way while this one is read.
#pragma once

#include <cstdint>

#include "lib/base/bytes.hpp"

namespace connectsphere::client {

struct ListPage {
    std::uint64_t request = 0;     // ServerMessage::request_id
    std::uint64_t more_after = 0;  // FileList::more_after_file_id; 0: the last page, or no page
};

ListPage list_page_in(Bytes server_message);

}  // namespace connectsphere::client
