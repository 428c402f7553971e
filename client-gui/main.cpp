// The command line of the window (CLI11 stands here only): what the join card is filled with.
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "client-gui/app.hpp"
#include "client-gui/view.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::gui;

struct CommandLine {
    std::string server, name, room, password, password_file;
    std::string video_in, audio_in, audio_out, theme, size;
    App::Options app{};
    double scale = 0;
};

std::string login_name() {
    if (const auto* entry = getpwuid(getuid()); entry && entry->pw_name) return entry->pw_name;
    return "guest";
}

void add_options(CLI::App& cli, CommandLine& line) {
    cli.set_version_flag("--version", std::string("connectsphere-gui ") + CS_VERSION);
    cli.add_option("-s,--server", line.server, "Server: HOST[:PORT]")->envname("CONNECTSPHERE_SERVER");
    cli.add_option("-n,--name", line.name, "Your name in the room")->envname("CONNECTSPHERE_NAME");
    cli.add_option("-r,--room", line.room, "Room");
    auto* file =
        cli.add_option("--password-file", line.password_file, "The password is the first line of this file");
    cli.add_option(
           "--password", line.password,
           "Password of the room or the server. Others on this machine can see it here: the file or the "
           "environment is better")
        ->envname("CONNECTSPHERE_PASSWORD")
        ->excludes(file);
    cli.add_option("--video-in", line.video_in, "Camera: camera, camera:NUMBER, FILE, pattern or none");
    cli.add_option("--audio-in", line.audio_in,
                   "Microphone: mic, mic:NAME, FILE.wav, tone, tone:HERTZ or none");
    cli.add_option("--audio-out", line.audio_out, "Loudspeaker: speaker, speaker:NAME, FILE.wav or none");
    cli.add_option("--fingerprint", line.app.conference.fingerprint,
                   "Expect this certificate (SHA256:…) instead of the remembered one");
    cli.add_flag("--trust-new", line.app.conference.trust_new,
                 "Accept a certificate that is new or has changed, and remember it");
    cli.add_flag("--join", line.app.joins, "Join at once");
    cli.add_option("--theme", line.theme, "Colours: dark or light")->check(CLI::IsMember({"dark", "light"}));
    cli.add_option("--scale", line.scale, "How large everything is: 1 is 96 pixels an inch")
        ->check(CLI::Range(0.5, 4.0));
    cli.add_option("--window-size", line.size, "WIDTHxHEIGHT, at least 480x360");
    cli.add_flag("--json", line.app.json, "Tell scripts what is seen, on standard output (docs/gui.md)");
}

void set_if_given(TextField& field, const std::string& text) {
    if (!text.empty()) field.set(text);
}
void choose_if_given(DeviceChoice& choice, const std::string& spec) {
    if (!spec.empty()) choice.choose(spec);
}

std::string read_password(const CommandLine& line) {
    if (line.password_file.empty()) return line.password;
    std::ifstream file(line.password_file);
    std::string password;
    if (!std::getline(file, password)) throw CLI::ValidationError("can not read " + line.password_file);
    return password;
}

// Settings first, then what the command line says.
void fill(CommandLine& line) {
    auto& state = line.app.state;
    auto& card = state.card;
    line.app.settings_file = Settings::default_file();
    card.fields[JoinCard::server].set("localhost");
    card.fields[JoinCard::room].set("lobby");
    card.fields[JoinCard::name].set(login_name());
    Settings::read(line.app.settings_file).apply_to(state);
    set_if_given(card.fields[JoinCard::server], line.server);
    set_if_given(card.fields[JoinCard::name], line.name);
    set_if_given(card.fields[JoinCard::room], line.room);
    card.fields[JoinCard::password].set(read_password(line));
    choose_if_given(card.camera, line.video_in);
    choose_if_given(card.microphone, line.audio_in);
    choose_if_given(card.speaker, line.audio_out);
    if (!line.theme.empty()) state.theme = line.theme;
    if (line.scale > 0) line.app.scale = line.scale;
    card.fields[JoinCard::name].select_all();
    if (line.size.empty()) return;
    auto& size = line.app.window;
    char rest = 0;
    if (std::sscanf(line.size.c_str(), "%dx%d%c", &size.width, &size.height, &rest) != 2 ||
        size.width < kSmallestWindow.width || size.height < kSmallestWindow.height)
        throw CLI::ValidationError("--window-size " + line.size + ": write WIDTHxHEIGHT, at least 480x360");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App cli{"ConnectSphere: calls on a local network, in a window.", "connectsphere-gui"};
    CommandLine line;
    add_options(cli, line);
    try {
        cli.parse(argc, argv);
        fill(line);
    } catch (const CLI::ParseError& error) {
        return cli.exit(error) == 0 ? 0 : 2;
    }
    if (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY") && !std::getenv("QT_QPA_PLATFORM")) {
        std::fputs("connectsphere-gui: there is no display here; connectsphere join works in a terminal\n",
                   stderr);
        return 3;
    }
    try {
        App(std::move(line.app)).run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "connectsphere-gui: %s\n", error.what());
        return 1;
    }
    return 0;
}
