// Standard input as lines, without ever blocking the loop: terminals and pipes are watched, files are read in
// turns. A line longer than kMaxLine is cut into several.
#pragma once

#include <functional>
#include <string>

#include "lib/net/loop.hpp"

namespace connectsphere::cli {

class Input {
  public:
    static constexpr std::size_t kMaxLine = 4000;  // bytes, as a chat message

    // `on_end` is called once, after the last line.
    Input(net::Loop& loop, int fd, std::function<void(std::string)> on_line, std::function<void()> on_end);

    // Stops reading while the user of the lines can take no more; what waits stays in the kernel.
    void pause(bool paused);

  private:
    void read_some();
    void split(bool at_end);

    net::Loop& loop_;
    int fd_;
    std::function<void(std::string)> on_line_;
    std::function<void()> on_end_;
    net::Watch watch_;
    net::Deferred again_;  // for files, which can not be watched
    bool is_file_;
    bool paused_ = false;
    bool ended_ = false;
    std::string pending_;
};

}  // namespace connectsphere::cli
