// Where this user's programs keep what they must remember (XDG Base Directory Specification).
#pragma once

#include <filesystem>

namespace connectsphere::client {

// $XDG_STATE_HOME/connectsphere, or ~/.local/state/connectsphere. Not made yet.
std::filesystem::path state_folder();

}  // namespace connectsphere::client
