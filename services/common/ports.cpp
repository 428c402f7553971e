#include "services/common/ports.hpp"

#include <fstream>

namespace connectsphere {

Result<void> write_ports(const std::filesystem::path& run_dir, std::string_view service,
                         const std::vector<std::pair<std::string_view, std::uint16_t>>& ports) {
    const auto path = run_dir / (std::string(service) + ".ports");
    const std::filesystem::path fresh = path.string() + ".new";
    {
        std::ofstream file(fresh);
        for (const auto& [name, port] : ports) file << name << ' ' << port << '\n';
        if (!file.flush()) return Error{Errc::system, fresh.string() + " can not be written"};
    }
    std::error_code error;
    std::filesystem::rename(fresh, path, error);
    if (error) return Error{Errc::system, path.string() + ": " + error.message()};
    return {};
}

}  // namespace connectsphere
