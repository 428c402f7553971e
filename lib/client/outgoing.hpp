// Outgoing: a file of ours, made ready to be sent: its name is one that the server takes, and it has a key,
// the same one when it is sent again after a break.
#pragma once

#include <filesystem>
#include <string>

#include "lib/client/local_file.hpp"
#include "lib/client/transfer.hpp"
#include "lib/client/upload_keys.hpp"

namespace connectsphere::client {

struct Destination {
    std::string server, room;
    std::uint64_t to_session = 0;  // 0: everybody in the room
};

struct Outgoing {
    UploadPlan plan;
    LocalSource source;
    std::string what;  // all that makes it the same upload: for UploadKeys, and to find what is sent twice
    Result<void> remembered{};  // or it can not go on after a break
};

// `name`: for the others; with slashes where folders are sent with it.
Result<Outgoing> make_outgoing(const UploadKeys& keys, const Destination& destination,
                               const std::filesystem::path& path, const std::string& name);

}  // namespace connectsphere::client
