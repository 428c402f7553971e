// The command line (CLI11 stands here only).
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <string>

#include "client-cli/files.hpp"
#include "client-cli/join.hpp"
#include "client-cli/sdp.hpp"
#include "client-cli/sound.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::cli;

std::string login_name() {
    if (const auto* entry = getpwuid(getuid()); entry && entry->pw_name) return entry->pw_name;
    const char* user = std::getenv("USER");
    return user && *user ? user : "guest";
}

// "10", "10s", "500ms", "2m", "1h".
Duration parse_duration(const std::string& text) {
    std::size_t used = 0;
    double number = -1;
    try {
        number = std::stod(text, &used);
    } catch (const std::exception&) {
    }
    const auto unit = text.substr(used);
    const double scale = unit.empty() || unit == "s" ? 1
                         : unit == "ms"              ? 1e-3
                         : unit == "m"               ? 60
                         : unit == "h"               ? 3600
                                                     : 0;
    if (number < 0 || scale == 0 || number * scale > 1e7) {
        throw CLI::ValidationError("\"" + text + "\" is no duration; write 10s, 500ms, 2m or 1h");
    }
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(number * scale));
}

void add_global_options(CLI::App& app, GlobalOptions& global) {
    app.add_option("-s,--server", global.server, "Server: HOST[:PORT]")->capture_default_str();
    app.add_option("-r,--room", global.room, "Room")->capture_default_str();
    app.add_option("-n,--name", global.name, "Your name in the room")->capture_default_str();
    app.add_option("--fingerprint", global.fingerprint,
                   "Expect this certificate (SHA256:…) instead of the remembered one");
    app.add_flag("--trust-new", global.trust_new, "Accept a certificate that has changed, and remember it");
    app.add_flag("--json", global.json, "One JSON object per line on standard output");
    app.add_option_function<std::string>(
           "--timeout", [&](const std::string& text) { global.timeout = parse_duration(text); },
           "How long to wait for the server")
        ->default_str("10s");
}

void add_srtp_profile_option(CLI::App& app, proto::SrtpProfile& profile) {
    app.add_option("--srtp-profile", profile, "How media is protected: gcm or cm (RFC 7714, RFC 3711)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, proto::SrtpProfile>{
            {"gcm", proto::AEAD_AES_128_GCM}, {"cm", proto::AES_CM_128_HMAC_SHA1_80}}))
        ->default_str(profile == proto::AEAD_AES_128_GCM ? "gcm" : "cm");
}

void add_voice_options(CLI::App& app, JoinOptions& options) {
    auto& voice = options.voice_processing;
    app.add_flag("!--no-echo-cancel", voice.echo_cancellation, "Leave the loudspeaker's echo in");
    app.add_flag("!--no-noise-suppression", voice.noise_suppression, "Leave steady noise in");
    app.add_flag("!--no-gain-control", voice.gain_control, "Leave the level of the microphone as it is");
    app.add_flag("--push-to-talk", options.push_to_talk, "Begin muted; /talk unmutes and mutes");
}

CLI::App* add_sdp_command(CLI::App& app, SdpOptions& options) {
    auto* command =
        app.add_subcommand("sdp", "Hold a place in a room for ffmpeg or GStreamer: SDP, keys, commands");
    add_global_options(*command, options.global);
    command->add_flag("--audio", options.audio, "The audio plane, which is the default");
    command
        ->add_option("--receive-at", options.receive_at,
                     "Port of this machine at which the tool hears the others")
        ->check(CLI::Range(1024, 65535));
    add_srtp_profile_option(*command, options.srtp_profile);
    command->add_option_function<std::string>(
        "--for", [&](const std::string& text) { options.stay = parse_duration(text); },
        "Leave after this long (10s, 2m)");
    return command;
}

// send, get, files, rm: each with its own options, all into one value.
void add_files_commands(CLI::App& app, FilesOptions& options) {
    using Action = FilesOptions::Action;
    const auto add = [&](const char* name, const char* purpose, Action action) {
        auto* command = app.add_subcommand(name, purpose);
        command->callback([&options, action] { options.action = action; });
        add_global_options(*command, options.global);
        command
            ->add_option_function<std::string>(
                "--patience", [&](const std::string& text) { options.patience = parse_duration(text); },
                "Give up (exit code 8) after this long without progress")
            ->default_str("60s");
        return command;
    };
    auto* send = add("send", "Send files or folders to the room; the same command goes on after a break",
                     Action::send);
    send->add_option("FILE", options.what, "Files and folders")->required();
    send->add_option("--to", options.to, "Only to this person, who must be in the room");
    auto* get = add("get", "Fetch files of the room; the same command goes on after a break", Action::get);
    get->add_option("NAME", options.what, "Names or numbers, as in: connectsphere files")->required();
    get->add_option("-o,--output", options.output, "File or folder; default: the downloads folder");
    get->add_flag("--force", options.force, "Replace a file that exists");
    auto* list = add("files", "List the room's files", Action::list);
    list->add_option("--search", options.search, "Only those with this text in their name");
    auto* remove = add("rm", "Remove files that you sent (a host or moderator: any)", Action::remove);
    remove->add_option("NAME", options.what, "Names or numbers")->required();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"ConnectSphere: calls on a local network, from the terminal.", "connectsphere"};
    app.set_version_flag("--version", std::string("connectsphere ") + CS_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  connectsphere join                                   localhost, room \"lobby\", your login name\n"
        "  connectsphere join -s 192.0.2.10 -r physics -n Ann   a room on another machine\n"
        "  echo 'lunch?' | connectsphere join -r office         say one thing and leave\n"
        "  connectsphere join --audio-in mic --audio-out speaker\n"
        "  connectsphere sdp --receive-at 5004                  let ffmpeg or GStreamer take part\n"
        "  connectsphere send -r office report.pdf slides/      files and folders, to everybody in the room\n"
        "  connectsphere get -r office report.pdf               into your downloads folder\n"
        "  connectsphere join --audio-in talk.wav --audio-out heard.wav --for 30s --json\n"
        "\n"
        "Exit codes: 0 ok, 2 usage, 3 cannot connect, 4 refused, 5 certificate changed, 6 not found,\n"
        "7 timed out, 8 incomplete transfer, 130 interrupted.");

    JoinOptions options;
    options.global.name = login_name();
    auto* join_command =
        app.add_subcommand("join", "Join a room; lines you type are chat, /help lists commands");
    add_global_options(*join_command, options.global);
    join_command
        ->add_option("--audio-in", options.audio_in,
                     "Microphone: mic, mic:NAME, FILE.wav, tone, tone:HERTZ or none")
        ->capture_default_str();
    join_command
        ->add_option("--audio-out", options.audio_out, "Loudspeaker: speaker, speaker:NAME, FILE.wav or none")
        ->capture_default_str();
    join_command->add_option("--video-in", options.video_in, "Camera: FILE, pattern or none")
        ->capture_default_str();
    join_command->add_option("--video-out", options.video_out, "Where received pictures go: DIR or none")
        ->capture_default_str();
    join_command->add_option("--video-size", options.video_size, "WIDTHxHEIGHT, multiples of 8");
    join_command->add_option("--fps", options.frame_rate, "Frames a second")->check(CLI::Range(1.0, 60.0));
    join_command->add_option_function<std::string>(
        "--for", [&](const std::string& text) { options.stay = parse_duration(text); },
        "Leave after this long (10s, 2m)");

    add_srtp_profile_option(*join_command, options.srtp_profile);

    add_voice_options(*join_command, options);

    bool devices_as_json = false;
    auto* devices_command = app.add_subcommand("devices", "List microphones and loudspeakers");
    devices_command->add_flag("--json", devices_as_json, "One JSON object per line on standard output");

    SdpOptions sdp_options;
    sdp_options.global.name = options.global.name;
    const auto* sdp_command = add_sdp_command(app, sdp_options);

    FilesOptions file_options;
    file_options.global.name = options.global.name;
    add_files_commands(app, file_options);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kUsage;
    }
    if (*devices_command)
        return list_devices(*(devices_as_json ? make_json_reporter() : make_text_reporter()));
    if (*sdp_command) return sdp(sdp_options);
    if (*join_command) return join(options);
    return files(file_options);
}
