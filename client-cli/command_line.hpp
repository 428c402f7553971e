// The command line, in parts (CLI11 stands in these files only). A command is one function: its options, its
// help, and what runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-cli/options.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::cli {

using Run = std::function<int()>;  // what the user has chosen, when the command line is read

// Each adds commands that belong together.
void add_call_commands(CLI::App& app, Run& run);  // join, share, watch
void add_room_commands(CLI::App& app, Run& run);  // say, tell, react, who, history, rooms
void add_tool_commands(CLI::App& app, Run& run);  // status, sdp, devices
void add_file_commands(CLI::App& app, Run& run);  // send, get, files, rm

// ---- what they are made of

std::string version_text();

void add_global_options(CLI::App& command, GlobalOptions& global);
void add_output_options(CLI::App& command, bool& json, Duration& timeout);
void add_stay_option(CLI::App& command, std::optional<Duration>& stay);
void add_srtp_profile_option(CLI::App& command, proto::SrtpProfile& profile);

// A command with options of its own type.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_command(CLI::App& app, Run& run, const std::string& name,
                                                           const std::string& help,
                                                           int (*work)(const Options&)) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(name, help);
    command->set_version_flag("--version", version_text());
    command->callback([&run, options, work] { run = [options, work] { return work(*options); }; });
    return {command, options};
}

// What an option's text means, or the error that the user reads.
template <class T>
T checked(const Result<T>& result) {
    if (!result) throw CLI::ValidationError(result.error().what);
    return *result;
}

// One of these words, each for a value; an error names them all.
template <class T>
CLI::Validator one_of(const std::vector<std::pair<std::string, T>>& choices) {
    std::string words;
    for (const auto& [word, value] : choices) words += (words.empty() ? "" : "|") + word;
    const auto value_of = [choices, words](std::string& text) {
        for (const auto& [word, value] : choices) {
            if (word != text) continue;
            text = std::to_string(static_cast<int>(value));
            return std::string();
        }
        return "\"" + text + "\" is none of " + words;
    };
    return CLI::Validator(value_of, words);
}

}  // namespace connectsphere::cli
