// What to share, as the command line says it, made into a source of pixels.
#pragma once

#include <memory>
#include <string>

#include "lib/client/screen_source.hpp"

namespace connectsphere::cli {

// One of: an input, a window, a region or a monitor of a display, a display.
struct ShareOptions {
    std::string display;    // ":0"; empty: that of the environment
    std::string window;     // its number, as devices and xwininfo say it
    std::string region;     // WxH+X+Y
    std::string monitor;    // 0, 1, …
    std::string input;      // a file, a folder, or generator:KIND (lib/client/screen_input.hpp)
    double frame_rate = 0;  // of looks, pictures or frames a second; 0: what fits
    int quality = 75;       // of JPEG, for what moves
    bool take_over = false;
    bool ask = false;
};

// "screen", ":1", "window:ID", "region:WxH+X+Y", "monitor:N", or an input.
ShareOptions parse_share(const std::string& what);

Result<std::unique_ptr<client::ScreenSource>> open_screen(const ShareOptions& options);

}  // namespace connectsphere::cli
