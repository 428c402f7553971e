// connectsphere, the command line client: reads what is wanted, and runs it.
#include "client-cli/command_line.hpp"

using namespace connectsphere::cli;

int main(int argc, char** argv) {
    CLI::App app{"ConnectSphere: calls on a local network, from the terminal.", "connectsphere"};
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  connectsphere join                          localhost, room \"lobby\", your login name\n"
        "  connectsphere join 192.0.2.10 -n Ann        another machine\n"
        "  connectsphere say -r office lunch?          one message, and leave\n"
        "  connectsphere send -r office report.pdf     a file, to everybody in the room\n"
        "  connectsphere COMMAND --help                more on one command\n"
        "\n"
        "Environment: CONNECTSPHERE_SERVER, CONNECTSPHERE_NAME, CONNECTSPHERE_PASSWORD, NO_COLOR.\n"
        "\n"
        "Exit codes: 0 ok, 1 a fault of this machine, 2 usage, 3 cannot connect, 4 refused,\n"
        "5 certificate changed, 6 not found, 7 timed out, 8 incomplete transfer, 130 interrupted.");
    Run run;
    add_call_commands(app, run);
    add_room_commands(app, run);
    add_tool_commands(app, run);
    add_file_commands(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kUsage;
    }
    return run();
}
