// The screen of this machine as a source of pixels.
#pragma once

#include "client-cli/screen_share.hpp"

namespace connectsphere::cli {

Result<std::unique_ptr<client::ScreenSource>> open_display(const ShareOptions& options);

}  // namespace connectsphere::cli
