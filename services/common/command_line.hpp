// What every server program understands on its command line.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "lib/base/result.hpp"

namespace connectsphere {

struct CommandLine {
    std::filesystem::path config_file;  // empty: every default
    std::filesystem::path run_dir;      // empty: the configuration says it
    bool check_config = false;
    bool version = false;
    bool help = false;
};

// `arguments` without the program's name. Both "--config FILE" and "--config=FILE".
Result<CommandLine> parse_command_line(std::span<const char* const> arguments);
std::string usage(std::string_view program, std::string_view purpose);

}  // namespace connectsphere
