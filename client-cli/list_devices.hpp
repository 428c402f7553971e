// connectsphere devices, and /devices: what of this machine can be heard, spoken to and shared.
#pragma once

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"

namespace connectsphere::cli {

int list_devices(Reporter& reporter);

}  // namespace connectsphere::cli
