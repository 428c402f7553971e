#include "lib/client/open_share.hpp"

#include "lib/client/screen_input.hpp"
#include "lib/client/x11_screen.hpp"

namespace connectsphere::client {

Result<std::unique_ptr<ScreenSource>> open_share(const ShareTarget& target, double rate) {
    return target.input.empty() ? open_x11_screen(target.screen) : open_screen_input(target.input, rate);
}

}  // namespace connectsphere::client
