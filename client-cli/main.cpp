// The command line (CLI11 stands here only). A command is one function: its options, its help, and what runs.
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-cli/files.hpp"
#include "client-cli/join.hpp"
#include "client-cli/list_devices.hpp"
#include "client-cli/one_shot.hpp"
#include "client-cli/sdp.hpp"
#include "client-cli/status.hpp"
#include "client-cli/times.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::cli;

using Run = std::function<int()>;
const std::string kVersionText = std::string("connectsphere ") + CS_VERSION;

std::string login_name() {
    if (const auto* entry = getpwuid(getuid()); entry && entry->pw_name) return entry->pw_name;
    const char* user = std::getenv("USER");
    return user && *user ? user : "guest";
}

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

// A command with options of its own type: `run` is what the user has chosen when the command line is read.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_command(CLI::App& app, Run& run, const std::string& name,
                                                           const std::string& help,
                                                           int (*work)(const Options&)) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(name, help);
    command->set_version_flag("--version", kVersionText);
    command->callback([&run, options, work] { run = [options, work] { return work(*options); }; });
    return {command, options};
}

void add_output_options(CLI::App& command, bool& json, Duration& timeout) {
    command.add_flag("--json", json, "One JSON object per line on standard output (docs/cli.md)");
    command
        .add_option_function<std::string>(
            "--timeout", [&](const std::string& text) { timeout = checked(parse_duration(text)); },
            "How long to wait for the server")
        ->default_str("10s");
}

void add_global_options(CLI::App& command, GlobalOptions& global) {
    global.name = login_name();
    command.add_option("-s,--server", global.server, "Server: HOST[:PORT]")
        ->envname("CONNECTSPHERE_SERVER")
        ->capture_default_str();
    command.add_option("-r,--room", global.room, "Room")->capture_default_str();
    command.add_option("-n,--name", global.name, "Your name in the room")
        ->envname("CONNECTSPHERE_NAME")
        ->capture_default_str();
    auto* file = command.add_option("--password-file", global.password_file,
                                    "The password is the first line of this file");
    command
        .add_option("--password", global.password,
                    "Password of the room or the server. Others on this machine can see it here: the file or "
                    "the environment is better")
        ->excludes(file);
    command.add_option("--fingerprint", global.fingerprint,
                       "Expect this certificate (SHA256:…) instead of the remembered one");
    command.add_flag("--trust-new", global.trust_new,
                     "Accept a certificate that has changed, and remember it");
    add_output_options(command, global.json, global.timeout);
}

// By hand and not by CLI11: --password-file goes before the environment.
void add_password_of_environment(GlobalOptions& global) {
    const char* password = std::getenv("CONNECTSPHERE_PASSWORD");
    if (password && global.password.empty() && global.password_file.empty()) global.password = password;
}
template <int (*work)(const GlobalOptions&)>
int with_password(const GlobalOptions& options) {
    auto complete = options;
    add_password_of_environment(complete);
    return work(complete);
}
template <class Options, int (*work)(const Options&)>
int with_password(const Options& options) {
    auto complete = options;
    add_password_of_environment(complete.global);
    return work(complete);
}

void add_srtp_profile_option(CLI::App& app, proto::SrtpProfile& profile) {
    app.add_option("--srtp-profile", profile, "How media is protected: gcm or cm (RFC 7714, RFC 3711)")
        ->transform(one_of<proto::SrtpProfile>(
            {{"gcm", proto::AEAD_AES_128_GCM}, {"cm", proto::AES_CM_128_HMAC_SHA1_80}}))
        ->default_str(profile == proto::AEAD_AES_128_GCM ? "gcm" : "cm");
}

void add_voice_options(CLI::App& app, JoinOptions& options) {
    auto& voice = options.voice_processing;
    app.add_flag("!--no-echo-cancel", voice.echo_cancellation, "Leave the loudspeaker's echo in");
    app.add_flag("!--no-noise-suppression", voice.noise_suppression, "Leave steady noise in");
    app.add_flag("!--no-gain-control", voice.gain_control, "Leave the level of the microphone as it is");
    app.add_flag("--push-to-talk", options.push_to_talk, "Begin muted; /talk unmutes and mutes");
}

void add_video_options(CLI::App& app, JoinOptions& options) {
    app.add_option("--video-in", options.video_in,
                   "Camera: camera, camera:NAME_OR_INDEX, FILE, pattern or none")
        ->capture_default_str();
    app.add_option("--video-out", options.video_out, "Where received pictures go: DIR, FILE.mkv or none")
        ->capture_default_str();
    app.add_option("--video-size", options.video_size, "WIDTHxHEIGHT, multiples of 8");
    app.add_option("--video-codec", options.video_codec, "What to send: auto, jpeg, vp8 or h264")
        ->transform(one_of<client::VideoCodecChoice>({{"auto", client::VideoCodecChoice::automatic},
                                                      {"jpeg", client::VideoCodecChoice::jpeg},
                                                      {"vp8", client::VideoCodecChoice::vp8},
                                                      {"h264", client::VideoCodecChoice::h264}}))
        ->default_str("auto");
    app.add_option("--fps", options.frame_rate, "Frames a second")->check(CLI::Range(1.0, 60.0));
}

void add_join(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<JoinOptions>(
        app, run, "join", "Join a room; lines you type are chat, /help lists commands",
        with_password<JoinOptions, join>);
    command->add_option("SERVER", options->global.server, "The same as --server");
    add_global_options(*command, options->global);
    command
        ->add_option("--audio-in", options->audio_in,
                     "Microphone: mic, mic:NAME, FILE.wav, tone, tone:HERTZ or none")
        ->capture_default_str();
    command
        ->add_option("--audio-out", options->audio_out,
                     "Loudspeaker: speaker, speaker:NAME, FILE.wav or none")
        ->capture_default_str();
    add_video_options(*command, *options);
    command->add_option_function<std::string>(
        "--for", [stay = &options->stay](const std::string& text) { *stay = checked(parse_duration(text)); },
        "Leave after this long (10s, 2m)");
    command->add_option_function<std::string>(
        "--share", [share = &options->share](const std::string& what) { *share = parse_share(what); },
        "Share: screen, :DISPLAY, window:ID, region:WxH+X+Y, monitor:N, or an input as share has it");
    command->add_option("--watch", options->watch, "Watch the shared screen; to FILE, DIR or none");
    add_srtp_profile_option(*command, options->srtp_profile);
    add_voice_options(*command, *options);
    command->footer(
        "Examples:\n"
        "  connectsphere join --audio-in mic --audio-out speaker\n"
        "  connectsphere join 192.0.2.10 -r physics -n Ann\n"
        "  echo 'lunch?' | connectsphere join -r office\n"
        "  connectsphere join --audio-in talk.wav --audio-out heard.wav --for 30s --json");
}

// connectsphere share and watch are calls with nothing but a screen.
std::pair<CLI::App*, std::shared_ptr<JoinOptions>> add_screen_command(CLI::App& app, Run& run,
                                                                      const char* name, const char* help) {
    auto [command, options] =
        add_command<JoinOptions>(app, run, name, help, with_password<JoinOptions, join>);
    options->only_screen = true;
    add_global_options(*command, options->global);
    command->add_option_function<std::string>(
        "--for", [stay = &options->stay](const std::string& text) { *stay = checked(parse_duration(text)); },
        "Leave after this long (10s, 2m)");
    return {command, options};
}

void add_share(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_screen_command(app, run, "share", "Show the room your screen, a window, or a file");
    auto& share = options->share.emplace();
    command->add_option("--display", share.display, "X11 display; default: that of the environment");
    auto* window =
        command->add_option("--window", share.window, "One window: its number, as devices says it");
    auto* region =
        command->add_option("--region", share.region, "A part of the display: WxH+X+Y")->excludes(window);
    auto* monitor = command->add_option("--monitor", share.monitor, "One monitor: 0, 1, …")
                        ->excludes(window)
                        ->excludes(region);
    command
        ->add_option("--input", share.input,
                     "Instead: a picture, a clip, a folder of pictures, or generator:still, typing, scroll, "
                     "drag, video")
        ->excludes(window)
        ->excludes(region)
        ->excludes(monitor);
    command
        ->add_option("--fps", share.frame_rate,
                     "Most updates a second; of a folder or clip: pictures a second")
        ->check(CLI::Range(0.2, 120.0));
    command->add_option("--quality", share.quality, "Of JPEG, for what moves; what is still becomes exact")
        ->check(CLI::Range(1, 99))
        ->capture_default_str();
    auto* take =
        command->add_flag("--take-over", share.take_over, "From whoever presents (host and moderators)");
    command->add_flag("--ask", share.ask, "Wait until the presenter grants it or ends")->excludes(take);
    command->footer(
        "Examples:\n"
        "  connectsphere share -r lecture\n"
        "  connectsphere share -r lecture --window 0x1c00007\n"
        "  connectsphere share --input generator:typing:1280x720");
}

void add_watch(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_screen_command(app, run, "watch", "Watch the screen that a room shares");
    options->watch = "none";
    command
        ->add_option("--out", options->watch,
                     "FILE.png (.ppm, .jpg): the newest picture; DIR: a picture per update; none")
        ->capture_default_str();
    command->footer("Example:\n  connectsphere watch -r lecture --out board.png --for 10s");
}

void add_say(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<SayOptions>(
        app, run, "say", "Say something to everybody in a room", with_password<SayOptions, say>);
    command->add_option("TEXT", options->words, "What to say; without it each line of standard input");
    add_global_options(*command, options->global);
    command->footer("Example:\n  make 2>&1 | tail -1 | connectsphere say -r builds -n make");
}

void add_tell(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<SayOptions>(
        app, run, "tell", "Say something to one person in a room", with_password<SayOptions, say>);
    command->add_option("NAME", options->to, "Whom to tell it")->required();
    command->add_option("TEXT", options->words, "What to say; without it each line of standard input");
    add_global_options(*command, options->global);
    command->footer("Example:\n  connectsphere tell 'Ann Lee' the door is open");
}

void add_react(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<ReactOptions>(app, run, "react", "Show everybody an emoji",
                                                              with_password<ReactOptions, react>);
    command->add_option("EMOJI", options->emoji, "At most 32 bytes")->required();
    add_global_options(*command, options->global);
}

void add_who(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<GlobalOptions>(
        app, run, "who", "Who is in a room, without joining it", with_password<who>);
    add_global_options(*command, *options);
}

void add_rooms(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<GlobalOptions>(
        app, run, "rooms", "All rooms that have members, and how many", with_password<rooms>);
    add_global_options(*command, *options);
}

void add_history(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<HistoryOptions>(
        app, run, "history", "What was said to everybody in a room, without joining",
        with_password<HistoryOptions, history>);
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

void add_status(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<StatusOptions>(
        app, run, "status", "How the server on this machine is, from its status page", status);
    command->add_option("--status-port", options->port, "Port of the status page")->capture_default_str();
    add_output_options(*command, options->json, options->timeout);
}

void add_sdp(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<SdpOptions>(
        app, run, "sdp", "Hold a place in a room for ffmpeg or GStreamer: SDP, keys, commands",
        with_password<SdpOptions, sdp>);
    add_global_options(*command, options->global);
    auto* audio = command->add_flag("--audio")->description("The audio plane, which is the default");
    command->add_flag("--video", options->video, "The video plane")->excludes(audio);
    command
        ->add_option("--video-codec", options->video_codec, "What to send and to receive: jpeg, vp8 or h264")
        ->transform(one_of<client::VideoCodecChoice>({{"jpeg", client::VideoCodecChoice::jpeg},
                                                      {"vp8", client::VideoCodecChoice::vp8},
                                                      {"h264", client::VideoCodecChoice::h264}}))
        ->default_str("jpeg");
    command->add_option("--of", options->of,
                        "Name of the one whose picture the tool receives; default: somebody");
    command
        ->add_option("--receive-at", options->receive_at,
                     "Port of this machine at which the tool hears or sees the others")
        ->check(CLI::Range(1024, 65535));
    add_srtp_profile_option(*command, options->srtp_profile);
    command->add_option_function<std::string>(
        "--for", [stay = &options->stay](const std::string& text) { *stay = checked(parse_duration(text)); },
        "Leave after this long (10s, 2m)");
    command->footer(
        "Examples:\n  connectsphere sdp --receive-at 5004\n"
        "  connectsphere sdp --video --video-codec vp8 --receive-at 5006 --of Ann");
}

struct DevicesOptions {
    bool json = false;
};
int devices(const DevicesOptions& options) {
    return list_devices(*(options.json ? make_json_reporter() : make_text_reporter({.bare = true})));
}

void add_devices(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<DevicesOptions>(
        app, run, "devices", "List microphones, loudspeakers, monitors and windows", devices);
    command->add_flag("--json", options->json, "One JSON object per line on standard output");
}

// One of send, get, files, rm.
std::pair<CLI::App*, std::shared_ptr<FilesOptions>> add_files_command(CLI::App& app, Run& run,
                                                                      const char* name, const char* help,
                                                                      FilesOptions::Action action) {
    auto [command, options] =
        add_command<FilesOptions>(app, run, name, help, with_password<FilesOptions, files>);
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

void add_files_commands(CLI::App& app, Run& run) {
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

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"ConnectSphere: calls on a local network, from the terminal.", "connectsphere"};
    app.set_version_flag("--version", kVersionText);
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
    add_join(app, run);
    add_share(app, run);
    add_watch(app, run);
    add_say(app, run);
    add_tell(app, run);
    add_react(app, run);
    add_who(app, run);
    add_history(app, run);
    add_rooms(app, run);
    add_status(app, run);
    add_sdp(app, run);
    add_devices(app, run);
    add_files_commands(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kUsage;
    }
    return run();
}
