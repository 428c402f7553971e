#include "lib/client/pins.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "lib/client/xdg.hpp"

namespace connectsphere::client {

namespace fs = std::filesystem;

fs::path Pins::default_file() { return state_folder() / "known_servers"; }

std::optional<std::string> Pins::find(const std::string& server) const {
    std::ifstream file(file_);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name, fingerprint;
        if (words >> name >> fingerprint && name == server) return fingerprint;
    }
    return std::nullopt;
}

Result<void> Pins::remember(const std::string& server, const std::string& fingerprint) const {
    std::error_code ignored;
    fs::create_directories(file_.parent_path(), ignored);
    const fs::path next = file_.string() + "." + std::to_string(getpid());
    {
        std::ifstream old(file_);
        std::ofstream out(next);
        for (std::string line; std::getline(old, line);) {
            if (!line.starts_with(server + " ")) out << line << '\n';
        }
        out << server << ' ' << fingerprint << '\n';
        out.flush();
        if (!out) return Error{Errc::system, "can not write " + next.string() + ": " + std::strerror(errno)};
    }
    std::error_code failure;
    fs::rename(next, file_, failure);
    if (failure) return Error{Errc::system, "can not write " + file_.string() + ": " + failure.message()};
    return {};
}

std::function<Result<void>(const std::string&)> same_certificate(std::string plane,
                                                                 std::function<std::string()> trusted) {
    return [plane = std::move(plane),
            trusted = std::move(trusted)](const std::string& shown) -> Result<void> {
        if (shown == trusted()) return {};
        return Error{Errc::forged, "the " + plane + " port shows another certificate than the control port"};
    };
}

}  // namespace connectsphere::client
