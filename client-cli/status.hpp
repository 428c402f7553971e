// connectsphere status: what the status page of a server on this machine says, for people or as it is. HTTP
// on a plain socket: one GET on the loopback address needs no library.
#pragma once

#include <string>
#include <string_view>

#include "client-cli/options.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::cli {

int status(const StatusOptions& options);

// The body of a whole HTTP/1.x response; an error when it is none, is cut short, or does not say 200.
Result<std::string> http_body(std::string_view response);

// /status as text: the server, its services, and who is in which room.
Result<std::string> status_text(const std::string& body);

}  // namespace connectsphere::cli
