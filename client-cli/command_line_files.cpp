#include "client-cli/command_line.hpp"
#include "client-cli/files.hpp"
#include "client-cli/times.hpp"

namespace connectsphere::cli {

namespace {

// One of send, get, files, rm.
std::pair<CLI::App*, std::shared_ptr<FilesOptions>> add_files_command(CLI::App& app, Run& run,
                                                                      const char* name, const char* help,
                                                                      FilesOptions::Action action) {
    auto [command, options] = add_command<FilesOptions>(app, run, name, help, files);
    options->action = action;
    add_global_options(*command, options->global);
    command
        ->add_option_function<std::string>(
            "--patience",
            [patience = &options->patience](const std::string& text) {
                *patience = checked(parse_duration(text));
            },
            "Give up (exit code 8) after this long without progress")
        ->default_str("60s");
    return {command, options};
}

}  // namespace

void add_file_commands(CLI::App& app, Run& run) {
    using Action = FilesOptions::Action;
    const auto [send, sent] = add_files_command(
        app, run, "send", "Send files or folders to the room; the same command goes on after a break",
        Action::send);
    send->add_option("FILE", sent->what, "Files and folders")->required();
    send->add_option("--to", sent->to, "Only to this person, who must be in the room");
    const auto [get, got] = add_files_command(
        app, run, "get", "Fetch files of the room; the same command goes on after a break", Action::get);
    get->add_option("NAME", got->what, "Names or numbers, as in: connectsphere files")->required();
    get->add_option("-o,--output", got->output, "File or folder; default: the downloads folder");
    get->add_flag("--force", got->force, "Replace a file that exists");
    const auto [list, listed] = add_files_command(app, run, "files", "List the room's files", Action::list);
    list->add_option("--search", listed->search, "Only those with this text in their name");
    const auto [remove, removed] = add_files_command(
        app, run, "rm", "Remove files that you sent (a host or moderator: any)", Action::remove);
    remove->add_option("NAME", removed->what, "Names or numbers")->required();
}

}  // namespace connectsphere::cli
