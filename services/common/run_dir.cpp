#include "services/common/run_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>

namespace connectsphere {

Result<void> prepare_run_dir(const std::filesystem::path& dir) {
    std::error_code error;
    std::filesystem::create_directories(dir.parent_path(), error);
    if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) return net::last_error("mkdir " + dir.string());
    struct stat status {};
    if (::lstat(dir.c_str(), &status) != 0) return net::last_error("stat " + dir.string());
    if (!S_ISDIR(status.st_mode)) return Error{Errc::usage, dir.string() + " is not a directory"};
    const bool is_ours = status.st_uid == ::geteuid() || status.st_uid == 0;  // tmpfiles.d makes root's
    if (!is_ours || (status.st_mode & S_IWOTH) != 0)
        return Error{Errc::refused, dir.string() + " belongs to another user or is writable for all"};
    return {};
}

Result<net::Fd> lock_service(const std::filesystem::path& run_dir, std::string_view service) {
    const auto path = run_dir / (std::string(service) + ".lock");
    net::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return net::last_error("open " + path.string());
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> holder{};
        const auto size = ::read(fd.get(), holder.data(), holder.size() - 1);
        return Error{Errc::exists, "another " + std::string(service) + " runs in " + run_dir.string() +
                                       (size > 0 ? " (process " + std::string(holder.data()) + ")" : "")};
    }
    const auto pid = std::to_string(::getpid());
    [[maybe_unused]] const bool written =
        ::ftruncate(fd.get(), 0) == 0 && ::write(fd.get(), pid.data(), pid.size()) > 0;
    return fd;
}

}  // namespace connectsphere
