#include "client-cli/input.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace connectsphere::cli {

namespace {

bool can_be_watched(int fd) {
    struct stat info {};
    if (fstat(fd, &info) != 0) return false;
    return S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || (S_ISCHR(info.st_mode) && isatty(fd) != 0);
}

}  // namespace

Input::Input(net::Loop& loop, int fd, std::function<void(std::string)> on_line, std::function<void()> on_end)
    : loop_(loop),
      fd_(fd),
      on_line_(std::move(on_line)),
      on_end_(std::move(on_end)),
      again_(loop.deferred([this] { read_some(); })),
      is_file_(!can_be_watched(fd)) {
    if (is_file_) {
        again_.request();
    } else {
        watch_ = loop_.watch(fd_, EPOLLIN, [this](auto) { read_some(); });
    }
}

void Input::pause(bool paused) {
    if (std::exchange(paused_, paused) == paused || ended_) return;
    if (!is_file_) {
        watch_.set(paused ? 0 : std::uint32_t{EPOLLIN});
    } else if (!paused) {
        again_.request();
    }
}

void Input::read_some() {
    if (paused_ || ended_) return;
    char bytes[4096];
    const auto count = ::read(fd_, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) pending_.append(bytes, static_cast<std::size_t>(count));
    split(count <= 0);
    if (count > 0) {
        if (is_file_) again_.request();
        return;
    }
    ended_ = true;
    watch_.reset();
    on_end_();
}

void Input::split(bool at_end) {
    for (;;) {
        auto end = pending_.find('\n');
        if (std::min(end, pending_.size()) > kMaxLine) {
            // Not within a UTF-8 sequence.
            end = kMaxLine;
            while (end > kMaxLine - 4 && (static_cast<unsigned char>(pending_[end]) & 0xC0) == 0x80) --end;
            on_line_(pending_.substr(0, end));
            pending_.erase(0, end);
            continue;
        }
        if (end == std::string::npos) break;
        on_line_(pending_.substr(0, end));
        pending_.erase(0, end + 1);
    }
    if (at_end && !pending_.empty()) on_line_(std::exchange(pending_, {}));
}

}  // namespace connectsphere::cli
