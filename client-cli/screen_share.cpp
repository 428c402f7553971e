#include "client-cli/screen_share.hpp"

#include <string_view>

#include "client-cli/screen_display.hpp"
#include "lib/client/screen_input.hpp"

namespace connectsphere::cli {

ShareOptions parse_share(const std::string& what) {
    ShareOptions options;
    const auto after = [&](std::string_view prefix, std::string& out) {
        if (!what.starts_with(prefix)) return false;
        out = what.substr(prefix.size());
        return true;
    };
    if (what.empty() || what == "screen") return options;
    if (what.starts_with(':')) {
        options.display = what;
        return options;
    }
    if (after("window:", options.window) || after("region:", options.region) ||
        after("monitor:", options.monitor))
        return options;
    options.input = what;
    return options;
}

Result<std::unique_ptr<client::ScreenSource>> open_screen(const ShareOptions& options) {
    if (!options.input.empty()) return client::open_screen_input(options.input, options.frame_rate);
    return open_display(options);
}

}  // namespace connectsphere::cli
