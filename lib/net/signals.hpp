// Signals as events of the loop: no handler runs in the middle of anything.
#pragma once

#include <csignal>
#include <functional>

#include "lib/net/fd.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::net {

// Delivers SIGTERM, SIGINT and SIGHUP to the loop, and ignores SIGPIPE (a peer that goes is an error of a
// write, not the end of the process). Make it before any thread: threads inherit the mask, and a thread
// without it would take the signal and die of it. The destructor restores the mask.
class Signals {
  public:
    Signals(Loop& loop, std::function<void(int signal)> on_signal);  // throws std::system_error
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

  private:
    void read();

    sigset_t before_;
    std::function<void(int)> on_signal_;
    Fd fd_;
    Watch watch_;
};

}  // namespace connectsphere::net
