#include "client-cli/command_line.hpp"
#include "client-cli/list_devices.hpp"
#include "client-cli/sdp.hpp"
#include "client-cli/status.hpp"

namespace connectsphere::cli {

namespace {

void add_status(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<StatusOptions>(
        app, run, "status", "How the server on this machine is, from its status page", status);
    command->add_option("--status-port", options->port, "Port of the status page")->capture_default_str();
    add_output_options(*command, options->json, options->timeout);
}

void add_sdp(CLI::App& app, Run& run) {
    const auto [command, options] = add_command<SdpOptions>(
        app, run, "sdp", "Hold a place in a room for ffmpeg or GStreamer: SDP, keys, commands", sdp);
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
    add_stay_option(*command, options->stay);
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

}  // namespace

void add_tool_commands(CLI::App& app, Run& run) {
    add_status(app, run);
    add_sdp(app, run);
    add_devices(app, run);
}

}  // namespace connectsphere::cli
