#include "client-gui/device_finder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "lib/client/pulse_audio.hpp"

namespace connectsphere::gui {

namespace {

// Video4Linux names its devices in a file each.
std::vector<Device> cameras() {
    std::vector<Device> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/video4linux", error)) {
        std::ifstream file(entry.path() / "name");
        std::string label;
        std::getline(file, label);
        std::string spec = "camera:";
        spec += entry.path().filename().string().substr(5);  // "video0"
        found.push_back({.spec = spec, .label = label.empty() ? spec : label});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.spec < b.spec; });
    return found;
}

// May wait for the sound server.
DevicesFound all_devices() {
    DevicesFound found{.cameras = cameras()};
    const auto sound = client::list_audio_devices();
    if (!sound) return found;
    if (!sound->microphones.empty())
        found.microphones.push_back({.spec = "mic", .label = "Default microphone"});
    if (!sound->loudspeakers.empty())
        found.speakers.push_back({.spec = "speaker", .label = "Default loudspeaker"});
    const auto named = [](const char* kind, const client::AudioDevice& device) {
        return Device{.spec = std::string(kind) + device.name, .label = device.description};
    };
    for (const auto& device : sound->microphones) found.microphones.push_back(named("mic:", device));
    for (const auto& device : sound->loudspeakers) found.speakers.push_back(named("speaker:", device));
    return found;
}

}  // namespace

DeviceFinder::DeviceFinder(net::Loop& loop, std::function<void(DevicesFound)> tell)
    : loop_(loop), tell_(std::move(tell)) {}

DeviceFinder::~DeviceFinder() {
    if (thread_.joinable()) thread_.join();
}

void DeviceFinder::find() {
    if (std::exchange(is_finding_, true)) return;
    if (thread_.joinable()) thread_.join();  // it has told all it had
    thread_ = std::thread([this] {
        loop_.post([this, found = all_devices()] {
            is_finding_ = false;
            tell_(found);
        });
    });
}

}  // namespace connectsphere::gui
