// Settings: what the window remembers from one time to the next; a small text file of the user's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "client-gui/state.hpp"
#include "client-gui/theme.hpp"

namespace connectsphere::gui {

struct Settings {
    std::vector<std::string> recent{};  // servers, the newest first
    std::string name{}, room{};
    std::string theme = "dark";
    int scale = 100;  // percent
    bool is_mirrored = true;
    std::string camera{}, microphone{}, speaker{};  // as on the command line; empty: never chosen

    bool operator==(const Settings&) const = default;

    static std::filesystem::path default_file();              // gui.conf in the configuration folder
    static Settings read(const std::filesystem::path& file);  // what is missing or wrong is as if never set
    Result<void> write(const std::filesystem::path& file) const;

    static Settings of(const State& state);
    void apply_to(State& state) const;
};

}  // namespace connectsphere::gui
