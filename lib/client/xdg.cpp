#include "lib/client/xdg.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

namespace connectsphere::client {

namespace {

namespace fs = std::filesystem;

fs::path home() {
    const char* home = std::getenv("HOME");
    return home && *home ? home : "/";
}

fs::path folder(const char* variable, const fs::path& below_home) {
    const char* set = std::getenv(variable);
    return set && *set == '/' ? fs::path(set) : home() / below_home;
}

}  // namespace

fs::path state_folder() { return folder("XDG_STATE_HOME", fs::path(".local") / "state") / "connectsphere"; }

fs::path config_folder() { return folder("XDG_CONFIG_HOME", ".config") / "connectsphere"; }

fs::path downloads_folder() {
    std::ifstream dirs(folder("XDG_CONFIG_HOME", ".config") / "user-dirs.dirs");
    const std::string key = "XDG_DOWNLOAD_DIR=\"";
    for (std::string line; std::getline(dirs, line);) {
        if (!line.starts_with(key) || !line.ends_with('"')) continue;
        auto path = line.substr(key.size(), line.size() - key.size() - 1);
        if (path.starts_with("$HOME")) path.replace(0, 5, home().string());
        return path;
    }
    std::error_code error;
    return fs::is_directory(home() / "Downloads", error) ? home() / "Downloads" : fs::path(".");
}

}  // namespace connectsphere::client
