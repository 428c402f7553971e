// The status page: services/status/page.html, embedded when the project is built.
#pragma once

#include <string_view>

namespace connectsphere::status {

extern const std::string_view kPage;

}  // namespace connectsphere::status
