#include "lib/client/xdg.hpp"

#include <cstdlib>

namespace connectsphere::client {

std::filesystem::path state_folder() {
    const std::filesystem::path name = "connectsphere";
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state == '/') return state / name;
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : "/") / ".local" / "state" / name;
}

}  // namespace connectsphere::client
