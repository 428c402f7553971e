// What the tests of this room share: a run directory of their own, and a loop that runs until something
// happened.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "lib/net/clock.hpp"
#include "lib/net/fd.hpp"
#include "lib/net/loop.hpp"
#include "tests/support/temporary_dir.hpp"

namespace connectsphere::test {

// Runs the loop until `done`, at most `patience`; says whether it was done.
template <class Predicate>
bool run_until(net::Loop& loop, Predicate done, Duration patience = 10s) {
    const Time end = net::now() + patience;
    while (!done()) {
        if (net::now() >= end) return false;
        loop.run_once(20ms);
    }
    return true;
}

// Runs the loop for a while: for what must not happen.
inline void run_for(net::Loop& loop, Duration duration) {
    const Time end = net::now() + duration;
    while (net::now() < end) loop.run_once(end - net::now());
}

// The manager's end of sd_notify(3). The environment is this test program's alone.
inline net::Fd notify_socket(const std::string& path) {
    net::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) std::abort();
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    return fd;
}
inline std::string notified(const net::Fd& fd) {  // the oldest unread message; empty: there is none
    std::string text(256, '\0');
    const auto size = ::recv(fd.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

}  // namespace connectsphere::test
