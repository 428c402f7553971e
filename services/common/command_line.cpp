#include "services/common/command_line.hpp"

namespace connectsphere {

Result<CommandLine> parse_command_line(std::span<const char* const> arguments) {
    CommandLine line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const auto equals = argument.find('=');
        const auto flag = argument.substr(0, equals);
        if (flag == "--config" || flag == "--run-dir") {
            auto& into = flag == "--config" ? line.config_file : line.run_dir;
            if (equals != std::string_view::npos) {
                into = argument.substr(equals + 1);
            } else if (++i < arguments.size()) {
                into = arguments[i];
            }
            if (into.empty()) return Error{Errc::usage, std::string(flag) + " needs a value"};
        } else if (argument == "--check-config") {
            line.check_config = true;
        } else if (argument == "--version") {
            line.version = true;
        } else if (argument == "--help" || argument == "-h") {
            line.help = true;
        } else {
            return Error{Errc::usage, "unknown argument " + std::string(argument) + "; see --help"};
        }
    }
    return line;
}

std::string usage(std::string_view program, std::string_view purpose) {
    std::string text(program);
    text.append(" - ").append(purpose).append("\n\nUsage: ").append(program).append(" [OPTION]...\n");
    text += R"(
  --config FILE    configuration (deploy/connectsphere.conf shows every key); default: every default
  --run-dir DIR    sockets between the services; overrides run_dir of the configuration
  --check-config   say whether the configuration is right, and end
  --version        print the version, and end
  --help           print this, and end
)";
    return text;
}

}  // namespace connectsphere
