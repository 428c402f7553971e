// Where a server really listens, for the scripts that run it: a configured port 0 picks a free one, and
// systemd may have bound another one than the configuration names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.hpp"

namespace connectsphere {

// Writes run_dir/<service>.ports, a line each: "control 9000". Whole or not at all.
Result<void> write_ports(const std::filesystem::path& run_dir, std::string_view service,
                         const std::vector<std::pair<std::string_view, std::uint16_t>>& ports);

}  // namespace connectsphere
