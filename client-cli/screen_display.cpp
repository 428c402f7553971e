#include "client-cli/screen_display.hpp"

#include <charconv>

#include "lib/client/x11_screen.hpp"

namespace connectsphere::cli {

namespace {

Result<client::X11Target> target_of(const ShareOptions& options) {
    if (!options.window.empty()) {
        const auto window = client::parse_x11_window(options.window);
        if (!window) return window.error();
        return client::X11Target(*window);
    }
    if (!options.region.empty()) {
        const auto region = client::parse_x11_region(options.region);
        if (!region) return region.error();
        return client::X11Target(*region);
    }
    if (!options.monitor.empty()) {
        const auto monitor = client::parse_x11_monitor(options.monitor);
        if (!monitor) return monitor.error();
        return client::X11Target(*monitor);
    }
    return client::X11Target(client::X11WholeDisplay{});
}

}  // namespace

Result<std::unique_ptr<client::ScreenSource>> open_display(const ShareOptions& options) {
    const auto what = target_of(options);
    if (!what) return what.error();
    return client::open_x11_screen({.display = options.display, .what = *what});
}

}  // namespace connectsphere::cli
