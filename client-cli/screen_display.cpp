#include "client-cli/screen_display.hpp"

namespace connectsphere::cli {

Result<std::unique_ptr<client::ScreenSource>> open_display(const ShareOptions&) {
    return Error{Errc::unsupported,
                 "this build cannot capture a display; share a file or a generator: --input"};
}

}  // namespace connectsphere::cli
