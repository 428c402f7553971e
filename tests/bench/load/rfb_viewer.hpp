// RfbViewer: a viewer of a VNC server (RFC 6143) that asks for what a usual one asks for (Tight with JPEG)
// and reads it all, but decodes nothing. A thread of its own asks for the next update when one has come
// whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "lib/net/fd.hpp"

namespace connectsphere::bench {

class RfbViewer {
  public:
    using OnUpdate = std::function<void(std::size_t bytes)>;  // on the viewer's thread

    RfbViewer(std::uint16_t port, OnUpdate on_update);
    ~RfbViewer();
    RfbViewer(const RfbViewer&) = delete;
    RfbViewer& operator=(const RfbViewer&) = delete;

  private:
    void greet();
    void run();
    bool read_update();
    bool read_rectangle();
    bool read_tight(std::size_t width, std::size_t height);
    bool skip_compact();
    bool ask(bool incremental);

    std::size_t number(std::size_t bytes);  // big-endian; 0 once the connection has ended
    bool skip(std::size_t bytes);
    bool fill();
    bool send(const std::vector<std::uint8_t>& bytes);

    net::Fd socket_;
    OnUpdate on_update_;
    std::uint16_t width_ = 0;
    std::uint16_t height_ = 0;
    std::vector<std::uint8_t> buffer_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::size_t bytes_ = 0;  // of the update that is being read
    bool last_rectangle_ = false;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace connectsphere::bench
