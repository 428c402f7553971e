#include "lib/client/list_page.hpp"

#include <catch2/catch.hpp>

#include "proto/client.pb.h"

namespace connectsphere::client {
namespace {

std::string page_of(std::uint64_t more_after) {
    proto::ServerMessage message;
    message.set_request_id(300);
    for (std::uint64_t id = 1; id <= 3; ++id) {
        auto& file = *message.mutable_file_list()->add_files();
        file.set_file_id(id);
        file.set_name("a.txt");
        file.set_stored_at(1'700'000'000'000);
    }
    message.mutable_file_list()->set_more_after_file_id(more_after);
    return message.SerializeAsString();
}

TEST_CASE("a page tells whether the list goes on before it is taken apart") {
    for (const std::uint64_t more_after : {0ULL, 3ULL, 200ULL, ~0ULL}) {
        const auto page = list_page_in(as_bytes(page_of(more_after)));
        CHECK(page.request == 300);
        CHECK(page.more_after == more_after);
    }
}

TEST_CASE("other messages are no pages, and damaged ones are harmless") {
    proto::ServerMessage message;
    message.set_request_id(7);
    message.mutable_download_data()->set_offset(12345);
    CHECK(list_page_in(as_bytes(message.SerializeAsString())).more_after == 0);
    CHECK(list_page_in({}).more_after == 0);
    const auto whole = page_of(3);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(list_page_in(as_bytes(whole).first(size)).more_after == 0);
    CHECK(list_page_in(Buffer(40, 0xFF)).more_after == 0);
}

}  // namespace
}  // namespace connectsphere::client
