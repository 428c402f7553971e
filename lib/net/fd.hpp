// Fd owns a file descriptor and closes it; whoever only borrows one takes an int.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "lib/base/result.hpp"

namespace connectsphere::net {

class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }

  private:
    int fd_ = -1;
};

// What the last system call said: "bind: Address already in use".
inline Error last_error(std::string_view call, int number = errno) {
    return Error{Errc::system, std::string(call) + ": " + std::generic_category().message(number)};
}

}  // namespace connectsphere::net
