#include "client-cli/command_line.hpp"
#include "client-cli/one_shot.hpp"

namespace connectsphere::cli {

namespace {

void add_say(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_command<SayOptions>(app, run, "say", "Say something to everybody in a room", say);
    command->add_option("TEXT", options->words, "What to say; without it each line of standard input");
    add_global_options(*command, options->global);
    command->footer("Example:\n  make 2>&1 | tail -1 | connectsphere say -r builds -n make");
}

void add_tell(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_command<SayOptions>(app, run, "tell", "Say something to one person in a room", say);
    command->add_option("NAME", options->to, "Whom to tell it")->required();
    command->add_option("TEXT", options->words, "What to say; without it each line of standard input");
    add_global_options(*command, options->global);
    command->footer("Example:\n  connectsphere tell 'Ann Lee' the door is open");
}

void add_react(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_command<ReactOptions>(app, run, "react", "Show everybody an emoji", react);
    command->add_option("EMOJI", options->emoji, "At most 32 bytes")->required();
    add_global_options(*command, options->global);
}

void add_who(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_command<GlobalOptions>(app, run, "who", "Who is in a room, without joining it", who);
    add_global_options(*command, *options);
}

void add_history(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<HistoryOptions>(
        app, run, "history", "What was said to everybody in a room, without joining", history);
    add_global_options(*command, options->global);
    command->add_option("--since", options->since, "Not before: 2h, 3d, or 2026-01-31T09:30:00Z");
    command->add_option("--search", options->search, "Only messages that contain this");
    command->add_option("--limit", options->limit, "The newest of them, at most this many (default 50)")
        ->check(CLI::Range(1, 500));
    command->add_option("--export", options->export_file, "Write to FILE.json or FILE.txt")
        ->check([](const std::string& file) {
            const bool is_known = file.ends_with(".json") || file.ends_with(".txt");
            return is_known ? std::string() : "\"" + file + "\": the name must end in .json or .txt";
        });
    command->footer("Example:\n  connectsphere history -r physics --since 2h --search homework");
}

void add_rooms(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_command<GlobalOptions>(app, run, "rooms", "All rooms that have members, and how many", rooms);
    add_global_options(*command, *options);
}

}  // namespace

void add_room_commands(CLI::App& app, Run& run) {
    add_say(app, run);
    add_tell(app, run);
    add_react(app, run);
    add_who(app, run);
    add_history(app, run);
    add_rooms(app, run);
}

}  // namespace connectsphere::cli
