#include "client-cli/command_line.hpp"
#include "client-cli/join.hpp"

namespace connectsphere::cli {

namespace {

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
        app, run, "join", "Join a room; lines you type are chat, /help lists commands", join);
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
    add_stay_option(*command, options->stay);
    command->add_option_function<std::string>(
        "--share",
        [share = &options->share](const std::string& what) {
            share->emplace().target = checked(client::parse_share_target(what));
        },
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
    auto [command, options] = add_command<JoinOptions>(app, run, name, help, join);
    options->only_screen = true;
    add_global_options(*command, options->global);
    add_stay_option(*command, options->stay);
    return {command, options};
}

// Window, region and monitor: a part of the display.
template <class Part>
CLI::Option* add_part(CLI::App& command, const std::string& name, client::X11ScreenOptions& screen,
                      Result<Part> (*parse)(std::string_view), const std::string& help) {
    return command.add_option_function<std::string>(
        name, [&screen, parse](const std::string& text) { screen.what = checked(parse(text)); }, help);
}

void add_share(CLI::App& app, Run& run) {
    const auto [command, options] =
        add_screen_command(app, run, "share", "Show the room your screen, a window, or a file");
    auto& share = options->share.emplace();
    auto& screen = share.target.screen;
    command->add_option("--display", screen.display, "X11 display; default: that of the environment");
    auto* window = add_part(*command, "--window", screen, client::parse_x11_window,
                            "One window: its number, as devices says it");
    auto* region =
        add_part(*command, "--region", screen, client::parse_x11_region, "A part of the display: WxH+X+Y")
            ->excludes(window);
    auto* monitor = add_part(*command, "--monitor", screen, client::parse_x11_monitor, "One monitor: 0, 1, …")
                        ->excludes(window)
                        ->excludes(region);
    command
        ->add_option("--input", share.target.input,
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

}  // namespace

void add_call_commands(CLI::App& app, Run& run) {
    add_join(app, run);
    add_share(app, run);
    add_watch(app, run);
}

}  // namespace connectsphere::cli
