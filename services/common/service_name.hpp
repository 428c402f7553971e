// What a service is called in paths, logs and figures.
#pragma once

#include <string>

#include "proto/options.pb.h"

namespace connectsphere {

std::string service_name(proto::Service service);  // "video-relay"

}  // namespace connectsphere
