// What happens in a call, as an object for scripts.
#pragma once

#include "client-cli/report_json_values.hpp"
#include "lib/client/session.hpp"

namespace connectsphere::cli {

json describe(const client::Event& event);  // empty: nothing that a script would want to know

}  // namespace connectsphere::cli
