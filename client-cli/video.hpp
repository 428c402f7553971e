// A call's picture as the command line names it.
#pragma once

#include <memory>
#include <string>

#include "client-cli/options.hpp"
#include "lib/client/devices.hpp"
#include "proto/client.pb.h"

namespace connectsphere::cli {

// Null for "none".
Result<std::unique_ptr<client::VideoSource>> open_video_source(const JoinOptions& options);

}  // namespace connectsphere::cli
