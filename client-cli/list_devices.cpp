#include "client-cli/list_devices.hpp"

namespace connectsphere::cli {

int list_devices(Reporter& reporter) {
    const auto audio = client::list_audio_devices();
    const auto monitors = client::list_x11_monitors({});
    const auto windows = client::list_x11_windows({});
    const bool has_screen = monitors && windows;
    if (!audio && !has_screen) {
        reporter.error("devices", audio.error().what);
        return kNotFound;
    }
    DeviceList list;
    if (audio) {
        list.audio = *audio;
    } else {
        reporter.note(std::string(audio.error().what).append("\n"));
    }
    if (has_screen) {  // a machine without a screen is nothing to complain of
        list.monitors = *monitors;
        list.windows = *windows;
    }
    reporter.devices(list);
    return kOk;
}

}  // namespace connectsphere::cli
