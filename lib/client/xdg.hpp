// Where this user's programs keep what they must remember (XDG Base Directory Specification).
#pragma once

#include <filesystem>

namespace connectsphere::client {

// $XDG_STATE_HOME/connectsphere, or ~/.local/state/connectsphere. Not made yet.
std::filesystem::path state_folder();
// $XDG_CONFIG_HOME/connectsphere, or ~/.config/connectsphere. Not made yet.
std::filesystem::path config_folder();
// XDG_DOWNLOAD_DIR as the user-dirs file says it, or ~/Downloads where that is there, or this folder.
std::filesystem::path downloads_folder();

}  // namespace connectsphere::client
