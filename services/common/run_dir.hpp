// The directory where the services of one server meet, and the lock that keeps each of them single.
#pragma once

#include <filesystem>
#include <string_view>

#include "lib/net/fd.hpp"

namespace connectsphere {

// Made with mode 0700 where it is missing. Refused where another user could put sockets into it.
Result<void> prepare_run_dir(const std::filesystem::path& dir);

// Holds run_dir/<service>.lock for as long as the result lives; Errc::exists where another process does.
Result<net::Fd> lock_service(const std::filesystem::path& run_dir, std::string_view service);

}  // namespace connectsphere
